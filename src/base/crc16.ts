/** CRC16-CCITT (XMODEM), as Redis Cluster uses it to place keys: redis.io/docs/reference/cluster-spec. */

const POLYNOMIAL = 0x1021;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  }
  return crc & 0xffff;
});

/** The checksum of the latin1 characters from `start` to `end`. */
export function crc16(text: string, start = 0, end = text.length): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = withByte(crc, text.charCodeAt(i));
  return crc;
}

/** The checksum of a text of which that of all but the last byte is known. */
export function withByte(crc: number, byte: number): number {
  return ((crc << 8) & 0xffff) ^ (table[(crc >>> 8) ^ byte] as number);
}
