/**
 * MurmurHash64A of Austin Appleby, on two 32-bit halves: a multiplication of BigInts takes ten times as long.
 * https://github.com/aappleby/smhasher
 */

/** The 64 bits of a hash, each half signed. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

const FACTOR_HIGH = 0xc6a4a793;
const FACTOR_LOW = 0x5bd1e995;

/** `seed` has 32 bits. */
export function murmurHash64(text: string, seed: number): Hash64 {
  const hash = new Word64(0, text.length);
  hash.multiply();
  hash.xor(0, seed);
  const block = new Word64(0, 0);
  const whole = text.length - (text.length % 8);
  for (let at = 0; at < whole; at += 8) {
    block.set(littleEndian(text, at + 4, 4), littleEndian(text, at, 4));
    block.multiply();
    block.fold();
    block.multiply();
    hash.xor(block.high, block.low);
    hash.multiply();
  }
  const rest = text.length - whole;
  if (rest > 0) {
    hash.xor(littleEndian(text, whole + 4, rest - 4), littleEndian(text, whole, Math.min(4, rest)));
    hash.multiply();
  }
  hash.fold();
  hash.multiply();
  hash.fold();
  return hash;
}

function littleEndian(text: string, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value |= text.charCodeAt(at + i) << (8 * i);
  return value;
}

class Word64 {
  high: number;
  low: number;

  constructor(high: number, low: number) {
    this.high = high;
    this.low = low;
  }

  set(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  /** Its highest 17 bits over its lowest. */
  fold(): void {
    this.low ^= this.high >>> 15;
  }

  /** By the hash's factor, modulo 2^64. */
  multiply(): void {
    const { high, low } = this;
    const cross = Math.imul(high, FACTOR_LOW) + Math.imul(low, FACTOR_HIGH);
    this.high = (highProduct(low) + cross) | 0;
    this.low = Math.imul(low, FACTOR_LOW);
  }
}

/** The upper 32 bits of the product of two unsigned halves. */
function highProduct(low: number): number {
  const [a1, a0] = [low >>> 16, low & 0xffff];
  const [b1, b0] = [FACTOR_LOW >>> 16, FACTOR_LOW & 0xffff];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const carried = a0 * b1 + (middle & 0xffff);
  return a1 * b1 + Math.floor(middle / 0x1_0000) + Math.floor(carried / 0x1_0000);
}
