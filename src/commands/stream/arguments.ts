/** What the stream commands share: ids as arguments, entries as replies. */

import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import type { RecordForm } from '../../types/record-stream.js';
import { entryIn, type StreamEntry } from '../../types/stream/entries.js';
import { findGroupAt, type GroupOfStream } from '../../types/stream/group.js';
import {
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  LAST_ID,
  parseId,
  type StreamId,
} from '../../types/stream/id.js';
import { parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import type { ArgumentSpec } from '../spec.js';

export const invalidId = 'ERR Invalid stream ID specified as stream command argument';

/** An id in full, or its milliseconds: the first id of those. */
export function streamId(text: string | undefined): StreamId {
  return parseId(text ?? '') ?? fail(invalidId);
}

/** Where a range begins: an id, `-`, `+`, or `(` and an id that does not belong to it. */
export function rangeStart(text: string): StreamId {
  if (!isExclusive(text)) return boundary(text, 'first');
  return idAfter(streamId(text.slice(1))) ?? fail('ERR invalid start ID for the interval');
}

/** Where a range ends. Milliseconds alone mean their last id. */
export function rangeEnd(text: string): StreamId {
  if (!isExclusive(text)) return boundary(text, 'last');
  const id = parseId(text.slice(1), 'last') ?? fail(invalidId);
  return idBefore(id) ?? fail('ERR invalid end ID for the interval');
}

/** An id, `-` or `+`. */
export function boundary(text: string, missing: 'first' | 'last'): StreamId {
  if (text === '-') return FIRST_ID;
  if (text === '+') return LAST_ID;
  return parseId(text, missing) ?? fail(invalidId);
}

/** The group that the first two arguments name. */
export function groupArgument(
  { db }: CommandContext,
  [, key = '', name = '']: readonly string[],
): GroupOfStream {
  return findGroupAt(db, key, name) ?? fail(noGroup(key, name));
}

/** For commands that need the group. */
export function noGroup(key: string, group: string, where = ''): string {
  return `NOGROUP No such key '${key}' or consumer group '${group}'${where}`;
}

function isExclusive(text: string): boolean {
  return text.length > 1 && text.startsWith('(');
}

/** The number after COUNT; below zero it is 0. */
export function countArgument(text: string | undefined): number {
  return Math.max(0, parseInteger(text ?? ''));
}

export function idReply(reply: ReplyEncoder, id: StreamId): string {
  return reply.bulk(formatId(id));
}

export function entryReply(reply: ReplyEncoder, { id, fields }: StreamEntry): Reply {
  return reply.array([idReply(reply, id), reply.bulks(fields)]);
}

export function entriesReply(reply: ReplyEncoder, entries: readonly StreamEntry[]): Reply {
  return reply.array(entries.map((entry) => entryReply(reply, entry)));
}

/** The same of the records of entries, for a stream of them. */
export function entryForm(reply: ReplyEncoder): RecordForm {
  const pairHead = reply.arrayHead(2);
  return {
    head: reply.arrayHead,
    encode: (name, value) => {
      const { id, fields } = entryIn(name, value);
      const body = fields.map((field) => reply.bulk(field)).join('');
      return pairHead + idReply(reply, id) + reply.arrayHead(fields.length) + body;
    },
  };
}

export const countSpec: ArgumentSpec = {
  name: 'count',
  type: 'integer',
  token: 'COUNT',
  flags: ['optional'],
};
