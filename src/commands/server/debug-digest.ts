/** DEBUG DIGEST and DIGEST-VALUE: whether two datasets, or two values, are the same. */

import { text32 } from '../../base/byte-text.js';
import type { Database } from '../../keyspace/database.js';
import type { Keyspace } from '../../keyspace/keyspace.js';
import { scanKeys } from '../../keyspace/scan.js';
import type { Reply } from '../../protocol/reply.js';
import { addValue, Digest } from '../../types/digest.js';
import type { CommandContext } from '../context.js';

const PAGE_KEYS = 1000;

/**
 * Databases in their order, keys in none. Zeros for an empty dataset. It may be far larger than the memory: all of it is
 * read within one turn, by blocking calls, and others wait, as in Redis.
 */
export function runDigest({ reply, server }: CommandContext): Reply {
  const { keyspace } = server;
  const digest = new Digest();
  keyspace.transaction.withoutWaiting(() => {
    for (let index = 0; index < keyspace.databaseCount; index++) {
      addDatabase(keyspace, index, digest);
    }
  });
  return reply.simple(digest.hex);
}

function addDatabase(keyspace: Keyspace, index: number, digest: Digest): void {
  const db = keyspace.database(index);
  if (db.size > 0) digest.mix(text32(index));
  let cursor = 0;
  do {
    const page = scanKeys(keyspace, index, cursor, PAGE_KEYS);
    for (const { key } of page.keys) {
      addKey(db, key, digest);
      forgetRead(keyspace);
    }
    cursor = page.cursor;
  } while (cursor !== 0);
}

function addKey(db: Database, key: string, digest: Digest): void {
  const entry = db.entry(key);
  if (entry === undefined) return;
  const place = new Digest();
  place.mix(key);
  addValue(place, db, entry);
  digest.addDigest(place);
}

/** What was read of other keys may go: it counts no more among what the request has loaded. */
function forgetRead({ transaction, residents, options }: Keyspace): void {
  if (residents.bytes <= options.cacheBytes) return;
  residents.evictNow(options.cacheBytes);
  transaction.loadedBytes = 0;
}

export function runDigestValue({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const digests = argv.slice(2).map((key) => {
    const digest = new Digest();
    const entry = db.entry(key);
    if (entry !== undefined) addValue(digest, db, entry);
    return digest.hex;
  });
  return reply.array(digests.map((digest) => reply.simple(digest)));
}
