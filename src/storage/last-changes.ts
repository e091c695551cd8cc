/**
 * What a fold gathers: the last change of each record. The values lie in buffers outside of the heap, where a later
 * one takes the place of an earlier one, so that the garbage collector has only the names to look after. (Values
 * as strings cost a fold of keys that are written often a third more: every one was allocated, most to be
 * dropped soon, and the others were copied by the collector.)
 */

const CHUNK_BYTES = 1024 * 1024;
/** Before each value: how many bytes it may have where it is, and how many it has. */
const PREFIX_BYTES = 8;
/** Longer ones are copied by the library, shorter ones byte by byte: a call costs as much as 100 bytes. */
const LOOP_BYTES = 128;
/** Memory of a name beside its characters: a string's header and a place in the map. */
const NAME_BYTES = 60;
const DELETED = -1;

export class LastChanges {
  /** Where each record's value is: the number of its chunk times CHUNK_BYTES, and its place in there. */
  readonly #places = new Map<string, number>();
  readonly #chunks: Buffer[] = [];
  /** The free part of the last chunk that is shared. */
  #open: Buffer = Buffer.alloc(0);
  #openPlace = 0;
  #used = 0;
  #bytes = 0;

  /** About the memory that it takes, room of values that others replaced included. */
  get bytes(): number {
    return this.#bytes;
  }

  get names(): IterableIterator<string> {
    return this.#places.keys();
  }

  delete(name: string): void {
    this.#note(name, this.#places.get(name), DELETED);
  }

  /** The value is what stands in `source` from `start` to `end`; it is copied. */
  put(name: string, source: Buffer, start: number, end: number): void {
    const before = this.#places.get(name);
    const length = end - start;
    if (before !== undefined && before !== DELETED && this.#replace(before, source, start, end)) {
      return;
    }
    const place = this.#allocate(length);
    this.#replace(place, source, start, end);
    this.#note(name, before, place);
  }

  /** The value of the record; undefined: it was deleted. Valid as long as no change is added. */
  valueOf(name: string): Buffer | undefined {
    const place = this.#places.get(name);
    if (place === undefined || place === DELETED) return undefined;
    const chunk = this.#chunks[Math.floor(place / CHUNK_BYTES)] as Buffer;
    const at = place % CHUNK_BYTES;
    const start = at + PREFIX_BYTES;
    return chunk.subarray(start, start + chunk.readUInt32LE(at + 4));
  }

  #note(name: string, before: number | undefined, place: number): void {
    if (before === place) return;
    if (before === undefined) this.#bytes += name.length + NAME_BYTES;
    this.#places.set(name, place);
  }

  /** Writes the value where another one was, if it has room there. */
  #replace(place: number, source: Buffer, start: number, end: number): boolean {
    const chunk = this.#chunks[Math.floor(place / CHUNK_BYTES)] as Buffer;
    const at = place % CHUNK_BYTES;
    const length = end - start;
    if (chunk.readUInt32LE(at) < length) return false;
    chunk.writeUInt32LE(length, at + 4);
    copyBytes(source, start, end, chunk, at + PREFIX_BYTES);
    return true;
  }

  /** A place for so many bytes; one that is large has a chunk of its own. */
  #allocate(capacity: number): number {
    const needed = PREFIX_BYTES + capacity;
    this.#bytes += needed;
    if (needed > CHUNK_BYTES / 4) return this.#addChunk(needed, capacity);
    if (this.#used + needed > this.#open.length) {
      this.#openPlace = this.#addChunk(CHUNK_BYTES, 0);
      this.#open = this.#chunks[this.#chunks.length - 1] as Buffer;
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += needed;
    this.#open.writeUInt32LE(capacity, at);
    return this.#openPlace + at;
  }

  #addChunk(bytes: number, capacity: number): number {
    const chunk = Buffer.allocUnsafeSlow(bytes);
    chunk.writeUInt32LE(capacity, 0);
    return (this.#chunks.push(chunk) - 1) * CHUNK_BYTES;
  }
}

function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): void {
  if (end - start > LOOP_BYTES) target.set(source.subarray(start, end), at);
  else
    for (let from = start, to = at; from < end; from++, to++) target[to] = source[from] as number;
}
