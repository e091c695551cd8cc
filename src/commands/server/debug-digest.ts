/** DEBUG DIGEST and DIGEST-VALUE: whether two datasets, or two values, are the same. */

import { text32 } from '../../base/byte-text.js';
import { scanKeys } from '../../keyspace/scan.js';
import type { Reply } from '../../protocol/reply.js';
import { addValue, Digest } from '../../types/digest.js';
import type { CommandContext, ServerContext } from '../context.js';

const PAGE_KEYS = 1000;

/** Databases in their order, keys in none. Zeros for an empty dataset. */
export function runDigest({ reply, server }: CommandContext): Reply {
  const digest = new Digest();
  for (let index = 0; index < server.keyspace.databaseCount; index++) {
    addDatabase(server, index, digest);
  }
  return reply.simple(digest.hex);
}

function addDatabase(server: ServerContext, index: number, digest: Digest): void {
  const { keyspace } = server;
  const db = keyspace.database(index);
  if (db.size > 0) digest.mix(text32(index));
  let cursor = 0;
  do {
    const page = scanKeys(keyspace, index, cursor, PAGE_KEYS);
    for (const { key } of page.keys) {
      const entry = db.entry(key);
      if (entry === undefined) continue;
      const place = new Digest();
      place.mix(key);
      addValue(place, db, entry);
      digest.addDigest(place);
    }
    makeRoom(server);
    cursor = page.cursor;
  } while (cursor !== 0);
}

/**
 * An escalated attempt reads the whole dataset within one turn: what it has used up may go. An attempt that may
 * still fault keeps it, for the next.
 */
function makeRoom({ keyspace }: ServerContext): void {
  const { transaction, residents, options } = keyspace;
  if (!transaction.escalated) return;
  transaction.blockingBytes = Number.POSITIVE_INFINITY;
  residents.evict(options.cacheBytes);
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
