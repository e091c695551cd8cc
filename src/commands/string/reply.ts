/** What the string commands share: looking a value up, and sending it. */

import { CHUNK_BYTES } from '../../base/large-string.js';
import type { Entry } from '../../keyspace/entry.js';
import type { Reply } from '../../protocol/reply.js';
import { isResident, streamRange } from '../../types/string/fragment-stream.js';
import * as string from '../../types/string/string.js';
import type { CommandContext } from '../context.js';

/** Most bytes of a string: Redis's proto-max-bulk-len. */
export function longestString(context: CommandContext): number {
  return context.server.config.values.limits.maxBulkLength;
}

/** Cold values above this are read from the store while they are sent, not loaded first. */
const STREAMED_BYTES = 4 * 1024 * 1024;

/** The value at the entry as a bulk string; null without one. */
export function entryReply(context: CommandContext, entry: Entry | undefined): Reply {
  const record = entry?.record;
  if (typeof record === 'string') return context.reply.bulk(record);
  if (entry === undefined || record === undefined) return context.reply.nullBulk;
  return rangeReply(context, entry, 0, string.lengthOf(record));
}

/** Bytes of the value at the entry as a bulk string. */
export function rangeReply(
  context: CommandContext,
  entry: Entry,
  start: number,
  end: number,
): Reply {
  const { db, reply, server } = context;
  const length = end - start;
  const mayStream = length > STREAMED_BYTES && !db.mustFinish;
  if (mayStream && !isResident(entry, start, end)) {
    return reply.largeBulk(length, [streamRange(server.keyspace, db, entry, start, end)]);
  }
  const pieces = string.readRange(db, entry, start, end);
  return length <= CHUNK_BYTES ? reply.bulk(pieces.join('')) : reply.largeBulk(length, pieces);
}
