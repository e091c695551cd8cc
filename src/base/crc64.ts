/** CRC-64 as Redis ends its dumps with it: David Jones's polynomial, reflected, from 0. In two halves of 32 bits. */

const POLYNOMIAL_HIGH = 0x95ac_9329;
const POLYNOMIAL_LOW = 0xac4b_c9b5;

const { highs, lows } = makeTables();

function makeTables(): { readonly highs: Int32Array; readonly lows: Int32Array } {
  const tables = { highs: new Int32Array(256), lows: new Int32Array(256) };
  for (let byte = 0; byte < 256; byte++) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (carry === 0) continue;
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
    tables.highs[byte] = high;
    tables.lows[byte] = low;
  }
  return tables;
}

export class Crc64 {
  #high = 0;
  #low = 0;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) {
      const index = (low ^ (bytes[i] as number)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lows[index] as number);
      high = (high >>> 8) ^ (highs[index] as number);
    }
    this.#high = high;
    this.#low = low;
  }

  /** The checksum's eight bytes, the lowest first. */
  digest(): Buffer {
    const checksum = Buffer.alloc(8);
    checksum.writeInt32LE(this.#low, 0);
    checksum.writeInt32LE(this.#high, 4);
    return checksum;
  }
}

/** The checksum of bytes that are all there. */
export function crc64(bytes: Uint8Array): Buffer {
  const sum = new Crc64();
  sum.update(bytes);
  return sum.digest();
}
