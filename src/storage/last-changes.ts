/**
 * What a fold gathers: the last change of each record. Keys and values lie in buffers outside of the heap, where a later
 * value takes the place of an earlier one, and a table by the hash of the keys finds them: a change of a key that is
 * written often allocates nothing. (With keys as strings in a Map a change took three times as long, measured.)
 */

const CHUNK_BYTES = 1024 * 1024;
/** Before each key and its value: how many bytes the value may have, how many it has, and how many the key has. */
const PREFIX_BYTES = 12;
/** In place of the value's bytes. */
const DELETED = 0xffff_ffff;
/** Longer ones are copied by the library, shorter ones byte by byte: a call costs as much as 100 bytes. */
const LOOP_BYTES = 128;
/** Two numbers for each place in the table: the hash of a key, and where it is. */
const SLOT_NUMBERS = 2;
const FIRST_SLOTS = 1024;
const FREE = -1;

export interface LastChange {
  /** Latin1. */
  readonly key: string;
  /** Where it is. */
  readonly place: number;
}

export class LastChanges {
  readonly #chunks: Buffer[] = [];
  /** The free part of the last chunk that is shared. */
  #open: Buffer = Buffer.alloc(0);
  #openPlace = 0;
  #used = 0;
  /** Where a key is: the number of its chunk times CHUNK_BYTES, and its place in there. At most half of it is used. */
  #slots = newSlots(FIRST_SLOTS);
  #count = 0;
  #bytes = 0;

  /** About the memory that it takes, room of values that others replaced included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** About in the order in which their keys came: many come sorted. Valid as long as no change is added. */
  changes(): LastChange[] {
    const places = this.#slots.filter((number, i) => i % SLOT_NUMBERS === 1 && number !== FREE);
    return Array.from(places.sort(), (place) => {
      const { chunk, at } = this.#find(place);
      const start = at + PREFIX_BYTES;
      return { key: chunk.latin1Slice(start, start + chunk.readUInt32LE(at + 8)), place };
    });
  }

  /** undefined: the record was deleted. */
  valueOf({ key, place }: LastChange): Buffer | undefined {
    const { chunk, at } = this.#find(place);
    const length = chunk.readUInt32LE(at + 4);
    const start = at + PREFIX_BYTES + key.length;
    return length === DELETED ? undefined : chunk.subarray(start, start + length);
  }

  /** The key is what stands in `source` from `keyStart` to `keyEnd`. */
  delete(source: Buffer, keyStart: number, keyEnd: number): void {
    const slot = this.#enter(source, keyStart, keyEnd, 0);
    const { chunk, at } = this.#find(this.#slots[slot + 1] as number);
    chunk.writeUInt32LE(DELETED, at + 4);
  }

  /** The key stands in `source` from `keyStart` to `valueStart`, the value from there to `valueEnd`. Both are copied. */
  put(source: Buffer, keyStart: number, valueStart: number, valueEnd: number): void {
    const length = valueEnd - valueStart;
    const slot = this.#enter(source, keyStart, valueStart, length);
    let { chunk, at } = this.#find(this.#slots[slot + 1] as number);
    if (chunk.readUInt32LE(at) < length) {
      const place = this.#addKey(source, keyStart, valueStart, length);
      this.#slots[slot + 1] = place;
      ({ chunk, at } = this.#find(place));
    }
    chunk.writeUInt32LE(length, at + 4);
    const target = at + PREFIX_BYTES + (valueStart - keyStart);
    copyBytes(source, valueStart, valueEnd, chunk, target);
  }

  /** The slot of the key; if it is new, with room for a value of so many bytes. */
  #enter(source: Buffer, start: number, end: number, valueBytes: number): number {
    const hash = hashOf(source, start, end);
    const slot = this.#slotOf(hash, source, start, end);
    if (this.#slots[slot + 1] !== FREE) return slot;
    if (this.#count * 2 * SLOT_NUMBERS >= this.#slots.length) {
      this.#growTable();
      return this.#enter(source, start, end, valueBytes);
    }
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = this.#addKey(source, start, end, valueBytes);
    this.#count++;
    return slot;
  }

  /** Where the key is in the table, or could be. */
  #slotOf(hash: number, source: Buffer, start: number, end: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = (hash * SLOT_NUMBERS) & last; ; slot = (slot + SLOT_NUMBERS) & last) {
      const place = slots[slot + 1] as number;
      if (place === FREE) return slot;
      if (slots[slot] === hash && this.#isKeyAt(place, source, start, end)) return slot;
    }
  }

  #isKeyAt(place: number, source: Buffer, start: number, end: number): boolean {
    const { chunk, at } = this.#find(place);
    if (chunk.readUInt32LE(at + 8) !== end - start) return false;
    for (let from = start, to = at + PREFIX_BYTES; from < end; from++, to++) {
      if (source[from] !== chunk[to]) return false;
    }
    return true;
  }

  #growTable(): void {
    const before = this.#slots;
    const slots = newSlots((before.length / SLOT_NUMBERS) * 2);
    const last = slots.length - 1;
    for (let from = 0; from < before.length; from += SLOT_NUMBERS) {
      if (before[from + 1] === FREE) continue;
      let to = ((before[from] as number) * SLOT_NUMBERS) & last;
      while (slots[to + 1] !== FREE) to = (to + SLOT_NUMBERS) & last;
      slots[to] = before[from] as number;
      slots[to + 1] = before[from + 1] as number;
    }
    this.#slots = slots;
    this.#bytes += before.byteLength;
  }

  #find(place: number): { chunk: Buffer; at: number } {
    const number = Math.floor(place / CHUNK_BYTES);
    return { chunk: this.#chunks[number] as Buffer, at: place % CHUNK_BYTES };
  }

  /** A copy of the key, with room for a value behind it. */
  #addKey(source: Buffer, start: number, end: number, capacity: number): number {
    const place = this.#allocate(PREFIX_BYTES + (end - start) + capacity);
    const { chunk, at } = this.#find(place);
    chunk.writeUInt32LE(capacity, at);
    chunk.writeUInt32LE(end - start, at + 8);
    copyBytes(source, start, end, chunk, at + PREFIX_BYTES);
    return place;
  }

  /** A place for so many bytes; one that is large has a chunk of its own. */
  #allocate(needed: number): number {
    this.#bytes += needed;
    if (needed > CHUNK_BYTES / 4) return this.#addChunk(needed);
    if (this.#used + needed > this.#open.length) {
      this.#openPlace = this.#addChunk(CHUNK_BYTES);
      this.#open = this.#chunks.at(-1) as Buffer;
      this.#used = 0;
    }
    const place = this.#openPlace + this.#used;
    this.#used += needed;
    return place;
  }

  #addChunk(bytes: number): number {
    return (this.#chunks.push(Buffer.allocUnsafeSlow(bytes)) - 1) * CHUNK_BYTES;
  }
}

function newSlots(count: number): Int32Array {
  return new Int32Array(count * SLOT_NUMBERS).fill(FREE);
}

/** FNV-1a with its bits mixed once more, for the table uses the low ones. */
function hashOf(source: Buffer, start: number, end: number): number {
  let hash = 0x811c_9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (source[at] as number), 0x0100_0193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
}

function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): void {
  if (end - start > LOOP_BYTES) target.set(source.subarray(start, end), at);
  else
    for (let from = start, to = at; from < end; from++, to++) target[to] = source[from] as number;
}
