import { expect, test } from 'vitest';
import { bitToTurn, crc32c } from '../../src/base/crc32c.js';

test('the examples of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

test('finds the one bit that has turned over, and none if there were more', () => {
  const sound = Buffer.from('a text of several bytes, some of them twice: twice');
  const checksum = crc32c(sound);
  for (let bit = 0; bit < sound.length * 8; bit++) {
    const bytes = Buffer.from(sound);
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(bitToTurn(bytes, checksum)).toBe(bit);
    bytes[3] = (bytes[3] as number) ^ 0xff;
    expect(bitToTurn(bytes, checksum)).toBeUndefined();
  }
});
