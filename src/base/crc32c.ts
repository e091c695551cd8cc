/** CRC-32C (Castagnoli), as LevelDB's files have it: RFC 3720, appendix B.4. Node's zlib has the other CRC-32 only. */

/** 0x1edc6f41, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

/** The checksum of the bytes, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < bytes.length; at++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

/**
 * The one bit of the bytes that must be turned over for them to have the checksum; undefined if none does. What a bit does
 * to the checksum depends only on how far from the end it stands.
 */
export function bitToTurn(bytes: Uint8Array, checksum: number): number | undefined {
  const wanted = (crc32c(bytes) ^ checksum) >>> 0;
  const effects = Uint32Array.from({ length: 8 }, (_, bit) => table[1 << bit] as number);
  for (let at = bytes.length - 1; at >= 0; at--) {
    const bit = effects.indexOf(wanted);
    if (bit >= 0) return at * 8 + bit;
    for (const [index, effect] of effects.entries()) {
      effects[index] = (effect >>> 8) ^ (table[effect & 0xff] as number);
    }
  }
  return undefined;
}
