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
