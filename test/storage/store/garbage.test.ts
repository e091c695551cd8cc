/** The bytes of garbage records, as docs/formats/store.md has them. */

import { expect, it } from 'vitest';
import { ByteWriter } from '../../../src/base/byte-writer.js';
import {
  GARBAGE_KEY_BYTES,
  garbageValueLength,
  writeGarbageKey,
  writeGarbageValue,
} from '../../../src/storage/store/garbage.js';

it('garbage names its range, and its records are as long as announced', () => {
  const key = new ByteWriter();
  writeGarbageKey(key, 258);
  expect(key.view().toString('latin1')).toBe('g\0\0\0\0\0\0\x01\x02');
  expect(key.length).toBe(GARBAGE_KEY_BYTES);
  const value = new ByteWriter();
  writeGarbageValue(value, 'from', 'to');
  expect(value.view().toString('latin1')).toBe('\x04fromto');
  expect(value.length).toBe(garbageValueLength('from', 'to'));
});
