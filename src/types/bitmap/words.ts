/** Bytes of a string as words of 32 bits, to count, search and combine bits by. */

import { CHUNK_BYTES } from '../../base/large-string.js';

const WORDS = CHUNK_BYTES / 4;

/** Room for one fragment. Bytes that nothing was loaded into are zero. */
export class BitWords {
  readonly #bytes = Buffer.alloc(CHUNK_BYTES);
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, WORDS);

  /** At most CHUNK_BYTES. */
  load(text: string): void {
    this.#bytes.fill(0, this.#bytes.latin1Write(text, 0, text.length));
  }

  /** The first bytes. */
  text(length: number): string {
    return this.#bytes.latin1Slice(0, length);
  }

  fill(word: number): void {
    this.#words.fill(word);
  }

  copy(from: BitWords): void {
    this.#words.set(from.#words);
  }

  get isZero(): boolean {
    const words = this.#words;
    let i = 0;
    while (i < WORDS && words[i] === 0) i++;
    return i === WORDS;
  }

  /** Bits that are set. */
  ones(): number {
    let count = 0;
    const words = this.#words;
    for (let i = 0; i < WORDS; i++) {
      let word = words[i] as number;
      if (word === 0) continue;
      word -= (word >>> 1) & 0x5555_5555;
      word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
    }
    return count;
  }

  /** The first of the first `length` bytes that is another; `length` if none is. */
  indexOfOther(byte: number, length: number): number {
    const same = Math.imul(byte, 0x0101_0101);
    const words = this.#words;
    let i = 0;
    while (i < WORDS && words[i] === same) i++;
    let at = i * 4;
    while (at < length && this.#bytes[at] === byte) at++;
    return Math.min(at, length);
  }

  byte(at: number): number {
    return this.#bytes[at] as number;
  }

  and(other: BitWords): void {
    const [into, from] = [this.#words, other.#words];
    for (let i = 0; i < WORDS; i++) into[i] = (into[i] as number) & (from[i] as number);
  }

  andNot(other: BitWords): void {
    const [into, from] = [this.#words, other.#words];
    for (let i = 0; i < WORDS; i++) into[i] = (into[i] as number) & ~(from[i] as number);
  }

  or(other: BitWords): void {
    const [into, from] = [this.#words, other.#words];
    for (let i = 0; i < WORDS; i++) into[i] = (into[i] as number) | (from[i] as number);
  }

  xor(other: BitWords): void {
    const [into, from] = [this.#words, other.#words];
    for (let i = 0; i < WORDS; i++) into[i] = (into[i] as number) ^ (from[i] as number);
  }
}
