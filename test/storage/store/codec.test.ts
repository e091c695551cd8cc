import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODEC, Codec, type Compression, verify } from '../../../src/storage/store/codec.js';

const KEY = Buffer.from('mkey');
const LONG = Buffer.from('a value that repeats itself, '.repeat(20));
const SETTINGS: Compression[] = ['none', 'snappy', 'lz4', 'zstd'];

async function opened(compression: Compression): Promise<Codec> {
  const codec = new Codec(compression);
  await codec.open();
  return codec;
}

describe.each(SETTINGS)('codec %s', (setting) => {
  it('gives back what it was given', async () => {
    const codec = await opened(setting);
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 5 }),
        async (bytes, times) => {
          const value = Buffer.concat(Array(times).fill(Buffer.from(bytes)));
          expect(await codec.decode(KEY, await codec.encode(KEY, value))).toEqual(value);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is readable under every other setting', async () => {
    const stored = await (await opened(setting)).encode(KEY, LONG);
    for (const other of SETTINGS) {
      expect(await (await opened(other)).decode(KEY, stored)).toEqual(LONG);
    }
  });

  it('compresses only what pays', async () => {
    const codec = await opened(setting);
    const short = await codec.encode(KEY, LONG.subarray(0, 255));
    expect(short[4]).toBe(CODEC.none);
    expect((await codec.encode(KEY, LONG))[4]).toBe(CODEC[setting]);
    expect((await codec.encode(KEY, incompressible()))[4]).toBe(CODEC.none);
  });
});

describe('the checksum', () => {
  it('finds every flipped byte, and a record under the wrong key', async () => {
    const stored = await (await opened('none')).encode(KEY, LONG);
    expect(verify(KEY, stored)).toBe(CODEC.none);
    for (let at = 0; at < stored.length; at++) {
      const damaged = Buffer.from(stored);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => verify(KEY, damaged)).toThrow(
        expect.objectContaining({ code: 'STORE_CORRUPT' }),
      );
    }
    expect(() => verify(Buffer.from('m\x00ther'), stored)).toThrow('"m\\x00ther"');
    expect(() => verify(KEY, Buffer.alloc(3))).toThrow();
  });

  it('refuses a codec of a newer server', async () => {
    const codec = await opened('none');
    const { crc32 } = await import('node:zlib');
    const stored = Buffer.from([0, 0, 0, 0, 9, 1]);
    stored.writeUInt32BE(crc32(stored.subarray(4), crc32(KEY)), 0);
    await expect(codec.decode(KEY, stored)).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN' });
  });
});

function incompressible(): Buffer {
  let seed = 1;
  return Buffer.from(
    Array.from({ length: 200 }, () => {
      seed = (seed * 1103515245 + 12345) % 0x80000000;
      return seed >>> 16;
    }),
  );
}
