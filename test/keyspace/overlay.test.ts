/** What is laid over pages of the store: which records, and that readers of an unchanged collection share it. */

import { expect, test } from 'vitest';
import { Collection, WHOLE } from '../../src/keyspace/collection.js';
import { overlayAbove } from '../../src/keyspace/overlay.js';

function collection(): Collection {
  const data = new Collection(false);
  data.set('\x03stored', 'old', 0);
  data.set('\x03folded', 'old', 1);
  data.set('\x03new', 'new', 2);
  data.set('\x03gone', undefined, 2);
  return data;
}

test('has what changed after the checkpoint, deletions too', async () => {
  const overlay = overlayAbove(1, collection(), WHOLE);
  expect(await overlay.names).toEqual(['\x03gone', '\x03new']);
  expect([...overlay.values]).toContainEqual(['\x03gone', undefined]);
  expect(overlayAbove(1, undefined, WHOLE).values.size).toBe(0);
});

test('is shared until something changes; what is loaded meanwhile is no change', () => {
  const data = collection();
  const overlay = overlayAbove(1, data, WHOLE);
  data.set('\x03loaded', 'old', 0);
  expect(overlayAbove(1, data, WHOLE)).toBe(overlay);
  expect(overlayAbove(0, data, WHOLE)).not.toBe(overlay);
  expect(overlayAbove(1, data, { from: '\x03', to: '\x03z' })).not.toBe(overlay);
  const changes = [
    () => data.set('\x03new', 'newer', 2),
    () => data.set('\x03loaded', undefined, 2),
    () => data.forget('\x03gone'),
    () => data.set('\x03new', 'old', 0),
  ];
  for (const change of changes) {
    const before = overlayAbove(1, data, WHOLE);
    change();
    expect(overlayAbove(1, data, WHOLE)).not.toBe(before);
  }
});
