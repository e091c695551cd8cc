/** What the string commands share: looking a value up, and sending it. */

import type { Entry } from '../keyspace/entry.js';
import type { Reply } from '../protocol/reply.js';
import * as string from '../types/string.js';
import type { StringValue } from '../types/string-value.js';
import type { CommandContext } from './context.js';

/** Most bytes of a string: Redis's proto-max-bulk-len. */
export function longestString(context: CommandContext): number {
  return context.server.config.values.limits.maxBulkLength;
}

/** The key's entry for a command that reads it, counted as a hit or a miss. @throws ValueError WRONG_TYPE */
export function findForReading(context: CommandContext, key: string): Entry | undefined {
  const entry = string.find(context.db, key);
  countLookup(context, entry !== undefined);
  return entry;
}

/** A fault may follow, and the request then looks up again: what is counted is near the truth, not exact. */
export function countLookup(context: CommandContext, hit: boolean): void {
  const { statistics } = context.server;
  if (hit) statistics.keyspaceHits++;
  else statistics.keyspaceMisses++;
}

/** The value as a bulk string; null for undefined. */
export function valueReply(context: CommandContext, value: StringValue | undefined): Reply {
  const { reply } = context;
  if (typeof value === 'string') return reply.bulk(value);
  return value === undefined ? reply.nullBulk : reply.largeBulk(value.length, value.chunks);
}

/** The value at the entry as a bulk string; null without one. */
export function entryReply(context: CommandContext, entry: Entry | undefined): Reply {
  const record = entry?.record;
  if (typeof record === 'string') return context.reply.bulk(record);
  return valueReply(context, entry === undefined ? undefined : string.read(context.db, entry));
}
