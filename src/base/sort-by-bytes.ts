/**
 * Sorts byte strings that lie in buffers, by the numbers that stand for them: nothing is made for any of them. Many are first
 * spread by the byte behind what they have in common; few are sorted by V8 as 64-bit numbers, each of four bytes and an index.
 */

import { yieldTurn } from './yield-turn.js';

/** The string's byte at the depth plus one, or 0 where it has ended. */
export type ByteAt = (item: number, depth: number) => number;

/** So many are looked at, or sorted, at a stretch: about two milliseconds. An index takes 16 bits. */
const AT_ONCE = 16_384;
/** Fewer are sorted by insertion. */
const FEW = 12;
/** What four bytes of `ByteAt` are: 9 bits each. */
const DEPTHS = 4;

interface Part {
  readonly from: number;
  readonly to: number;
  /** What stands before it they have in common. */
  readonly depth: number;
}

/** Sorts the items in place. The event loop is served in between. */
export async function sortByBytes(items: Int32Array, byteAt: ByteAt): Promise<void> {
  const sorter = new ByteSorter(items, byteAt);
  await sorter.sort();
}

class ByteSorter {
  readonly #items: Int32Array;
  readonly #byteAt: ByteAt;
  readonly #spare: Int32Array;
  readonly #numbers = new BigUint64Array(AT_ONCE);
  /** Of each number the lower half, and the higher one: the machine is little-endian. */
  readonly #halves = new Uint32Array(this.#numbers.buffer);
  /** What is not sorted yet. */
  readonly #parts: Part[] = [];
  #work = 0;

  constructor(items: Int32Array, byteAt: ByteAt) {
    this.#items = items;
    this.#byteAt = byteAt;
    this.#spare = new Int32Array(items.length);
  }

  async sort(): Promise<void> {
    this.#add(0, this.#items.length, 0);
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      const count = part.to - part.from;
      if (count > AT_ONCE) await this.#spread(part);
      else if (count > FEW) this.#sortNumbers(part);
      else this.#insert(part);
      this.#work += count;
      if (this.#work >= AT_ONCE) await this.#rest();
    }
  }

  #add(from: number, to: number, depth: number): void {
    if (to - from > 1) this.#parts.push({ from, to, depth });
  }

  async #rest(): Promise<void> {
    this.#work = 0;
    await yieldTurn();
  }

  /** Into one part for each byte that there is behind what all have in common. */
  async #spread({ from, to, depth: before }: Part): Promise<void> {
    const [items, byteAt] = [this.#items, this.#byteAt];
    const depth = await this.#commonDepth(from, to, before);
    const ends = new Uint32Array(258);
    for (let i = from; i < to; i++) {
      const next = byteAt(items[i] as number, depth) + 1;
      ends[next] = (ends[next] as number) + 1;
      if (i % AT_ONCE === 0) await this.#rest();
    }
    for (let byte = 1; byte < ends.length; byte++) {
      ends[byte] = (ends[byte] as number) + (ends[byte - 1] as number);
    }
    const starts = ends.slice();
    for (let i = from; i < to; i++) {
      const item = items[i] as number;
      const byte = byteAt(item, depth);
      const place = ends[byte] as number;
      ends[byte] = place + 1;
      this.#spare[from + place] = item;
      if (i % AT_ONCE === 0) await this.#rest();
    }
    items.set(this.#spare.subarray(from, to), from);
    // Those that have ended are the same.
    for (let byte = 1; byte < 257; byte++) {
      this.#add(from + (starts[byte] as number), from + (starts[byte + 1] as number), depth + 1);
    }
  }

  async #commonDepth(from: number, to: number, before: number): Promise<number> {
    const byteAt = this.#byteAt;
    const first = this.#items[from] as number;
    let common = before;
    while (byteAt(first, common) !== 0) common++;
    for (let i = from; i < to && common > before; i++) {
      const item = this.#items[i] as number;
      let depth = before;
      while (depth < common && byteAt(item, depth) === byteAt(first, depth)) depth++;
      common = depth;
      if (i % AT_ONCE === 0) await this.#rest();
    }
    return common;
  }

  #sortNumbers({ from, to, depth }: Part): void {
    const halves = this.#halves;
    const count = to - from;
    for (let i = 0; i < count; i++) this.#encode(this.#items[from + i] as number, depth, i);
    this.#numbers.subarray(0, count).sort();
    for (let i = 0; i < count; i++) {
      this.#spare[i] = this.#items[from + ((halves[2 * i] as number) & 0xffff)] as number;
    }
    this.#items.set(this.#spare.subarray(0, count), from);
    this.#addAlike(from, count, depth + DEPTHS);
  }

  /** As number `index`: four bytes of 9 bits, and the index. */
  #encode(item: number, depth: number, index: number): void {
    const byteAt = this.#byteAt;
    const last = byteAt(item, depth + 3);
    this.#halves[2 * index] = (last << 24) | index;
    this.#halves[2 * index + 1] =
      (byteAt(item, depth) << 19) |
      (byteAt(item, depth + 1) << 10) |
      (byteAt(item, depth + 2) << 1) |
      (last >>> 8);
  }

  /** Those whose four bytes were the same, unless they have ended. */
  #addAlike(from: number, count: number, depth: number): void {
    const halves = this.#halves;
    let start = 0;
    for (let i = 1; i <= count; i++) {
      const high = halves[2 * start + 1] as number;
      const last = (halves[2 * start] as number) >>> 24;
      const isAlike =
        i < count && halves[2 * i + 1] === high && (halves[2 * i] as number) >>> 24 === last;
      if (isAlike) continue;
      if (last !== 0 || high % 2 === 1) this.#add(from + start, from + i, depth);
      start = i;
    }
  }

  #insert({ from, to, depth }: Part): void {
    const items = this.#items;
    for (let i = from + 1; i < to; i++) {
      const item = items[i] as number;
      let at = i;
      for (; at > from && this.#isBefore(item, items[at - 1] as number, depth); at--) {
        items[at] = items[at - 1] as number;
      }
      items[at] = item;
    }
  }

  #isBefore(item: number, other: number, from: number): boolean {
    const byteAt = this.#byteAt;
    for (let depth = from; ; depth++) {
      const byte = byteAt(item, depth);
      const difference = byte - byteAt(other, depth);
      if (difference !== 0) return difference < 0;
      if (byte === 0) return false;
    }
  }
}
