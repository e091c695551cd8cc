/** Makes replies the same that may differ: in the order of what has none, and in times. */

import { decodeReply, ErrorReply, type Reply } from '../support/decode-reply.js';
import type { Request } from './mixed-parts.js';

const BY_MEMBERS = new Set([
  ...['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'SPOP', 'SRANDMEMBER', 'HKEYS', 'HVALS', 'KEYS'],
]);
const BY_PAIRS = new Set(['HGETALL', 'HSCAN', 'ZSCAN']);
const PAIRS_OPTION: Readonly<Record<string, string>> = {
  HRANDFIELD: 'WITHVALUES',
  ZRANDMEMBER: 'WITHSCORES',
};
/** What Redis 7.0 lacks or counts otherwise than 7.2, and what is a matter of its memory or of time. */
const LEFT_OUT = new Set([
  ...['idle', 'inactive', 'seen-time', 'active-time', 'lag', 'entries-read'],
  ...['radix-tree-keys', 'radix-tree-nodes'],
]);
const ENCODING_BY_SIZE = /\$\d+\r\n(listpack|hashtable|skiplist|int|embstr)/;
const EARLIEST_TIME = 1e12;

/** @param queued what came since MULTI, for EXEC */
export function comparable(request: Request, raw: string, queued: readonly Request[]): string {
  const [command = ''] = request;
  if (command === 'EXEC') return comparableTogether(queued, raw);
  // A small set is a listpack since 7.2. In Redis SORT makes a skiplist of the sorted set that it reads, and what
  // INCRBYFLOAT leaves is never an int.
  if (command === 'OBJECT') return raw.replace(ENCODING_BY_SIZE, 'by size');
  const reply = decodeReply(Buffer.from(raw, 'latin1'));
  if (reply instanceof ErrorReply) return `-${reply.message}`;
  return JSON.stringify(inOrder(command, request, reply), withoutMinusZero) ?? '';
}

function comparableTogether(queued: readonly Request[], raw: string): string {
  const text = raw.replaceAll(new RegExp(ENCODING_BY_SIZE, 'g'), '+by size');
  const replies = decodeReply(Buffer.from(text, 'latin1')) as readonly Reply[];
  const all = replies.map((reply, at) => {
    const request = queued[at] ?? [];
    return inOrder(request[0] ?? '', request, reply);
  });
  return JSON.stringify(all, withoutMinusZero);
}

/** A listpack has no -0; but in Redis SORT makes a skiplist of the sorted set that it reads. */
function withoutMinusZero(_: string, value: unknown): unknown {
  return value === '-0' ? '0' : value;
}

function inOrder(command: string, request: Request, reply: Reply): unknown {
  if (!isArray(reply)) return reply;
  if (command.endsWith('SCAN')) {
    const [cursor, items] = reply as readonly [Reply, readonly Reply[]];
    return [cursor, BY_PAIRS.has(command) ? sortedPairs(items) : sorted(items)];
  }
  const option = PAIRS_OPTION[command];
  if (BY_PAIRS.has(command) || (option !== undefined && request.includes(option)))
    return sortedPairs(reply);
  if (BY_MEMBERS.has(command) || option !== undefined) return sorted(reply);
  if (command === 'XINFO') return withoutTimes(reply);
  if (command === 'XPENDING' && request.length > 3) return reply.map(withoutIdle);
  return reply;
}

function isArray(reply: unknown): reply is readonly Reply[] {
  return Array.isArray(reply);
}

function sorted(items: readonly Reply[]): string[] {
  return items.map(String).sort();
}

function sortedPairs(items: readonly Reply[]): string[] {
  return items.flatMap((item, i) => (i % 2 === 0 ? [`${item}\n${items[i + 1]}`] : [])).sort();
}

function withoutIdle(row: Reply): unknown {
  return isArray(row) ? row.filter((_, at) => at !== 2) : row;
}

function withoutTimes(reply: Reply): unknown {
  if (typeof reply === 'number' && reply >= EARLIEST_TIME) return 'a time';
  if (!isArray(reply)) return reply;
  const leftOut = (at: number): boolean => LEFT_OUT.has(String(reply[at]));
  return reply.filter((_, at) => !leftOut(at) && !leftOut(at - 1)).map(withoutTimes);
}
