/** DEBUG DIGEST and DIGEST-VALUE: whether two datasets, or two values, are the same. */

import { createHash } from 'node:crypto';
import { scanKeys } from '../keyspace/scan.js';
import type { Reply } from '../protocol/reply.js';
import { DIGEST_BYTES, digestOf } from '../types/digest.js';
import type { CommandContext, ServerContext } from './context.js';

const PAGE_KEYS = 1000;
const NONE = Buffer.alloc(DIGEST_BYTES);

/** The keys' digests, one XORed over the other: their order is of no matter. Zeros for an empty dataset. */
export function runDigest({ reply, server }: CommandContext): Reply {
  const digest = Buffer.alloc(DIGEST_BYTES);
  for (let index = 0; index < server.keyspace.databaseCount; index++) {
    addDatabase(server, index, digest);
  }
  return reply.simple(digest.toString('hex'));
}

function addDatabase(server: ServerContext, index: number, digest: Buffer): void {
  const { keyspace } = server;
  const db = keyspace.database(index);
  let cursor = 0;
  do {
    const page = scanKeys(keyspace, index, cursor, PAGE_KEYS);
    for (const { key } of page.keys) {
      const entry = db.entry(key);
      if (entry === undefined) continue;
      const place = createHash('sha1').update(`${index} ${key.length} ${key}`, 'latin1');
      xor(digest, place.update(digestOf(db, entry)).digest());
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
  if (keyspace.transaction.escalated) keyspace.residents.evict(keyspace.options.cacheBytes);
}

function xor(into: Buffer, other: Buffer): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) ^ (other[i] ?? 0);
}

export function runDigestValue({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const digests = argv.slice(2).map((key) => {
    const entry = db.entry(key);
    return (entry === undefined ? NONE : digestOf(db, entry)).toString('hex');
  });
  return reply.array(digests.map((digest) => reply.simple(digest)));
}
