import { expect, test } from 'vitest';
import { NameCache } from '../../src/protocol/name-cache.js';

function read(cache: NameCache, name: string): string {
  const bytes = Buffer.from(`..${name}..`, 'latin1');
  return cache.read(bytes, 2, name.length);
}

test('names of any length and any bytes come back as they are', () => {
  const cache = new NameCache();
  for (const name of ['', 'GET', 'get', 'GeT', '\x00\xff', 'x'.repeat(24), 'x'.repeat(25)]) {
    expect(read(cache, name)).toBe(name);
    expect(read(cache, name)).toBe(name);
  }
});

test('names that share a slot replace each other', () => {
  const cache = new NameCache();
  // Same length, first, middle and last byte.
  for (const name of ['axbyc', 'azbwc', 'axbyc', 'axbzc']) expect(read(cache, name)).toBe(name);
});
