/**
 * KEYS: the whole store merged with what is dirty in memory, or the residents alone while these are all keys. It loads and
 * evicts nothing.
 */

import type { RangePage } from '../storage/storage.js';
import { parseHeader, parseKeyRecordKey, spaceRange } from './encoding.js';
import { isExpired, type KeyRecord } from './header.js';
import type { Keyspace } from './keyspace.js';
import { PAGE_BYTES, type ScannedKey } from './scan.js';
import type { Space } from './space.js';

const PAGE_RECORDS = 10_000;
/** A checkpoint before all changes: whatever is resident is taken from memory. */
const NEVER_FOLDED = -1;

/**
 * Every accepted key of the database that has not expired, in no order. Holds as many as there are in memory.
 * `name` tells apart what one request asks for (KEYS twice in a MULTI).
 */
export function allKeys(
  keyspace: Keyspace,
  index: number,
  name: string,
  accept: (key: string) => boolean,
): ScannedKey[] {
  const space = keyspace.databases.spaces[index];
  if (space === undefined) return [];
  const stored = storedKeys(keyspace, space, name, accept);
  const found: ScannedKey[] = stored.keys.filter((place) => {
    const entry = space.resident(place);
    return entry === undefined || entry.segment <= stored.checkpoint;
  });
  for (const entry of space.residents()) {
    if (entry.segment <= stored.checkpoint || entry.record === undefined) continue;
    if (accept(entry.key)) found.push({ key: entry.key, record: entry.record });
  }
  const { now } = keyspace.transaction;
  return found.filter(({ record }) => !isExpired(record, now));
}

function storedKeys(
  keyspace: Keyspace,
  space: Space,
  name: string,
  accept: (key: string) => boolean,
): StoredKeys {
  const { storage, transaction } = keyspace;
  if (!space.mayBeStored(storage.checkpoint) || space.isResident) {
    return { keys: [], checkpoint: NEVER_FOLDED, unpin: () => undefined };
  }
  if (transaction.mustFinish) return readWholeStoreNow(keyspace, space, accept);
  return transaction.await(
    `keys:${space.id}:${name}`,
    () => readWholeStore(keyspace, space, accept),
    ({ unpin }) => unpin(),
  );
}

interface StoredKey {
  readonly key: string;
  readonly record: KeyRecord;
  readonly name: string;
  readonly slot: number;
  readonly hash: number;
}

interface StoredKeys {
  readonly keys: readonly StoredKey[];
  /** What changed after this checkpoint is dirty, and stays resident until `unpin`. */
  readonly checkpoint: number;
  unpin(): void;
}

async function readWholeStore(
  keyspace: Keyspace,
  space: Space,
  accept: (key: string) => boolean,
): Promise<StoredKeys> {
  const { checkpoint } = keyspace.storage;
  const unpin = keyspace.residents.pinCheckpoint(checkpoint);
  const keys: StoredKey[] = [];
  const range = spaceRange('m', space.id);
  try {
    for (let from = range.from; ; ) {
      const query = { from, to: range.to, maxRecords: PAGE_RECORDS, maxBytes: PAGE_BYTES };
      const page = await keyspace.storage.range(query);
      collect(page, accept, keys);
      if (page.done) return { keys, checkpoint, unpin };
      from = `${page.keys[page.keys.length - 1]}\0`;
    }
  } catch (error) {
    unpin();
    throw error;
  }
}

/** The same by blocking reads. Nothing changes meanwhile, so nothing is pinned. */
function readWholeStoreNow(
  keyspace: Keyspace,
  space: Space,
  accept: (key: string) => boolean,
): StoredKeys {
  const { storage } = keyspace;
  const keys: StoredKey[] = [];
  const range = spaceRange('m', space.id);
  for (let from = range.from; ; ) {
    const query = { from, to: range.to, maxRecords: PAGE_RECORDS, maxBytes: PAGE_BYTES };
    const page = storage.rangeSync(query);
    collect(page, accept, keys);
    if (page.done) return { keys, checkpoint: storage.checkpoint, unpin: () => undefined };
    from = `${page.keys[page.keys.length - 1]}\0`;
  }
}

function collect(page: RangePage, accept: (key: string) => boolean, into: StoredKey[]): void {
  page.keys.forEach((recordKey, i) => {
    const { name, slot, hash } = parseKeyRecordKey(recordKey);
    const { record, key = name } = parseHeader(page.values[i] as string);
    if (accept(key)) into.push({ key, record, name, slot, hash });
  });
}
