/** The audit notices what the model tests rely on it to notice. */

import { expect, test } from 'vitest';
import { keyCommands } from '../../src/commands/generic/key.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { stringCommands } from '../../src/commands/string/string.js';
import {
  isDataRecord,
  isExpiryRecord,
  isKeyRecord,
  parseDataKey,
} from '../../src/keyspace/encoding.js';
import { auditRecords } from './audit-store.js';
import { CommandHarness } from './command-harness.js';

async function someRecords(): Promise<Map<string, string>> {
  const harness = await CommandHarness.open([
    hashCommands,
    keyCommands,
    sortedSetCommands,
    stringCommands,
  ]);
  await harness.run('ZADD', 'z', '1', 'one', '2', 'two');
  await harness.run('HSET', 'h', 'f', 'v', 'g', 'w');
  await harness.run('SET', 's', 'text', 'PX', '100000');
  await harness.run('HSET', 'gone', 'f', 'v');
  await harness.run('DEL', 'gone');
  await harness.evict();
  const everything = { from: 'd', to: 'z', maxRecords: 1e6, maxBytes: 1e9 };
  const { keys, values } = await harness.keyspace.storage.range(everything);
  await harness.close();
  return new Map(keys.map((key, at) => [key, values[at] as string]));
}

const isOfTable = (table: number) => (key: string) =>
  isDataRecord(key) && parseDataKey(key).sub.charCodeAt(0) === table;

test.each([
  ['fields are missing', isOfTable(2), /0 fields, not 2/],
  ['scores are missing', isOfTable(5), /0 scores, not 2/],
  ['a time is missing', isExpiryRecord, /not in the index/],
  ['headers are missing', isKeyRecord, /belong to no key|of no key/],
])('%s', async (_, isLost, problem) => {
  const records = await someRecords();
  expect(auditRecords(records)).toEqual([]);
  for (const key of [...records.keys()].filter(isLost)) records.delete(key);
  expect(auditRecords(records).join()).toMatch(problem);
});
