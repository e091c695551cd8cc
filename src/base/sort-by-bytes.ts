/**
 * Sorts byte strings, in buffers or as text, without making anything for any of them. Three bytes of each are compared at a
 * time, as one number; strings that are alike in them are sorted by the next three.
 */

import { yieldTurn } from './yield-turn.js';

/** Three bytes of the string behind the depth, as `threeBytes` gives them. */
export type BytesAt = (item: number, depth: number) => number;

/** So many are read, or sorted by V8, at a stretch: about two milliseconds. A pass over what was read takes some ns for each. */
const AT_ONCE = 16_384;
/** So few are sorted by insertion. */
const FEW = 12;
/** A byte or the end of a string takes 9 bits. */
const DIGIT_BITS = 9;
const DIGITS = 1 << DIGIT_BITS;
const DIGIT_MASK = DIGITS - 1;
/** How many bytes a number stands for. */
const BYTES = 3;

interface Part {
  readonly from: number;
  readonly to: number;
  /** What stands before it they have in common. */
  readonly depth: number;
}

/** What stands in `bytes` at `start`, as a number that is smaller if it comes first: 0 in each place behind `end`. */
export function threeBytes(bytes: Uint8Array, start: number, end: number): number {
  const first = start < end ? (bytes[start] as number) + 1 : 0;
  const second = start + 1 < end ? (bytes[start + 1] as number) + 1 : 0;
  const third = start + 2 < end ? (bytes[start + 2] as number) + 1 : 0;
  return (first << (2 * DIGIT_BITS)) | (second << DIGIT_BITS) | third;
}

/** The same of byte text. */
function threeBytesOfText(text: string, start: number): number {
  const end = text.length;
  const first = start < end ? text.charCodeAt(start) + 1 : 0;
  const second = start + 1 < end ? text.charCodeAt(start + 1) + 1 : 0;
  const third = start + 2 < end ? text.charCodeAt(start + 2) + 1 : 0;
  return (first << (2 * DIGIT_BITS)) | (second << DIGIT_BITS) | third;
}

/**
 * The texts in the order of their bytes. The event loop is served in between. (400,000 names that begin with a hash take 80 ms, and took
 * 270 in runs that V8 sorts and merges of two: measured.)
 */
export async function sortTexts(texts: readonly string[]): Promise<string[]> {
  const items = new Int32Array(texts.length);
  for (let i = 0; i < items.length; i++) items[i] = i;
  await sortByBytes(items, (item, depth) => threeBytesOfText(texts[item] as string, depth));
  return Array.from(items, (item) => texts[item] as string);
}

/** Sorts the items in place. The event loop is served in between. */
export async function sortByBytes(items: Int32Array, bytesAt: BytesAt): Promise<void> {
  const sorter = new ByteSorter(items, bytesAt);
  await sorter.sort();
}

class ByteSorter {
  readonly #items: Int32Array;
  readonly #bytesAt: BytesAt;
  /** Of each item of the part that is being sorted, the bytes by which it is. */
  readonly #words: Int32Array;
  readonly #spareItems: Int32Array;
  readonly #spareWords: Int32Array;
  readonly #numbers = new Float64Array(AT_ONCE);
  /** What is not sorted yet. */
  readonly #parts: Part[] = [];
  #work = 0;

  constructor(items: Int32Array, bytesAt: BytesAt) {
    this.#items = items;
    this.#bytesAt = bytesAt;
    this.#words = new Int32Array(items.length);
    this.#spareItems = new Int32Array(items.length);
    this.#spareWords = new Int32Array(items.length);
  }

  async sort(): Promise<void> {
    this.#add(0, this.#items.length, 0);
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      const { from, to, depth } = part;
      if (to - from <= FEW) this.#insert(part);
      else {
        const differing = await this.#readWords(part);
        if (to - from > AT_ONCE) await this.#sortDigits(from, to, differing);
        else if (differing !== 0) this.#sortNumbers(from, to);
        this.#addAlike(from, to, depth + BYTES);
      }
      if (this.#hasDone(to - from)) await yieldTurn();
    }
  }

  #add(from: number, to: number, depth: number): void {
    if (to - from > 1) this.#parts.push({ from, to, depth });
  }

  /** Counts the items that were worked on; true if it is time to let others run. */
  #hasDone(work: number): boolean {
    this.#work += work;
    if (this.#work < AT_ONCE) return false;
    this.#work = 0;
    return true;
  }

  /** Returns the bits in which they are not all the same. */
  async #readWords({ from, to, depth }: Part): Promise<number> {
    const first = this.#bytesAt(this.#items[from] as number, depth);
    let differing = 0;
    for (let start = from; start < to; start += AT_ONCE) {
      if (start > from) await yieldTurn();
      differing |= this.#readStretch(start, Math.min(to, start + AT_ONCE), depth, first);
    }
    return differing;
  }

  #readStretch(from: number, to: number, depth: number, first: number): number {
    let differing = 0;
    for (let i = from; i < to; i++) {
      const word = this.#bytesAt(this.#items[i] as number, depth);
      this.#words[i] = word;
      differing |= word ^ first;
    }
    return differing;
  }

  /** By V8, each as a number of its bytes and its index. */
  #sortNumbers(from: number, to: number): void {
    const numbers = this.#numbers.subarray(0, to - from);
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = (this.#words[from + i] as number) * AT_ONCE + i;
    }
    numbers.sort();
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] as number;
      this.#words[from + i] = number / AT_ONCE; // cut to an integer
      this.#spareItems[i] = this.#items[from + (number % AT_ONCE)] as number;
    }
    this.#items.set(this.#spareItems.subarray(0, to - from), from);
  }

  /** A digit after the other, the last one first. */
  async #sortDigits(from: number, to: number, differing: number): Promise<void> {
    for (let shift = 0; shift < BYTES * DIGIT_BITS; shift += DIGIT_BITS) {
      if (((differing >>> shift) & DIGIT_MASK) === 0) continue;
      this.#sortDigit(from, to, shift);
      await yieldTurn();
    }
  }

  #sortDigit(from: number, to: number, shift: number): void {
    const [items, words] = [this.#items, this.#words];
    const places = this.#placesOfDigits(from, to, shift);
    for (let i = from; i < to; i++) {
      const word = words[i] as number;
      const digit = (word >>> shift) & DIGIT_MASK;
      const place = places[digit] as number;
      places[digit] = place + 1;
      this.#spareItems[place] = items[i] as number;
      this.#spareWords[place] = word;
    }
    items.set(this.#spareItems.subarray(0, to - from), from);
    words.set(this.#spareWords.subarray(0, to - from), from);
  }

  /** Of each digit how many words have a smaller one. */
  #placesOfDigits(from: number, to: number, shift: number): Int32Array {
    const places = new Int32Array(DIGITS);
    for (let i = from; i < to; i++) {
      const digit = ((this.#words[i] as number) >>> shift) & DIGIT_MASK;
      places[digit] = (places[digit] as number) + 1;
    }
    let before = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = places[digit] as number;
      places[digit] = before;
      before += count;
    }
    return places;
  }

  /** Those whose words are the same, unless they have ended: then all of them is. */
  #addAlike(from: number, to: number, depth: number): void {
    let start = from;
    for (let i = from + 1; i <= to; i++) {
      const word = this.#words[start] as number;
      if (i < to && this.#words[i] === word) continue;
      if ((word & DIGIT_MASK) !== 0) this.#add(start, i, depth);
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
    const bytesAt = this.#bytesAt;
    for (let depth = from; ; depth += BYTES) {
      const word = bytesAt(item, depth);
      const difference = word - bytesAt(other, depth);
      if (difference !== 0) return difference < 0;
      if ((word & DIGIT_MASK) === 0) return false;
    }
  }
}
