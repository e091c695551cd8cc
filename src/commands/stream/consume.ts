/** XREADGROUP and XACK: entries are delivered to consumers, and acknowledged by them. */

import type { Database } from '../../keyspace/database.js';
import { typeOf, ValueType } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { entriesBetween, hasEntriesAfter, readEntries } from '../../types/stream/entries.js';
import {
  type Consumer,
  findGroupAt,
  type Group,
  type GroupOfStream,
  saveGroup,
} from '../../types/stream/group.js';
import { idAfter, LAST_ID, type StreamId } from '../../types/stream/id.js';
import { advance } from '../../types/stream/lag.js';
import { PendingEntries, type PendingEntry } from '../../types/stream/pending.js';
import type { Stream } from '../../types/stream/stream.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { countSpec, entriesReply, entryReply, idReply, noGroup, streamId } from './arguments.js';
import {
  blockSpec,
  parseRead,
  type ReadArguments,
  readOrWait,
  streamsReply,
  streamsSpec,
} from './read-arguments.js';

/** An id that is greater than all: new entries are asked for, not the consumer's own. */
const NEW = LAST_ID;

function runReadGroup(context: CommandContext, argv: readonly string[]): Reply {
  const wanted = parseRead(argv, 'xreadgroup');
  const { keys, group } = wanted;
  // All that may fail comes first, in the order of the ids.
  const ids = keys.map((key, i) => {
    needGroup(context, key, group);
    return parseReadId(wanted.ids[i] as string);
  });
  const read = (): Reply | undefined => readStreams(context, wanted, ids);
  return readOrWait(context, wanted, {
    first: read,
    again: () => {
      const groups = keys.map((key) => needStill(context, key, group));
      return groups.some((one) => hasNews(context.db, one)) ? read() : undefined;
    },
    evenWithoutKey: true,
  });
}

function readStreams(
  context: CommandContext,
  wanted: ReadArguments,
  ids: readonly StreamId[],
): Reply | undefined {
  const found: [string, Reply][] = [];
  for (const [i, key] of wanted.keys.entries()) {
    const entries = readStream(context, key, ids[i] as StreamId, wanted);
    if (entries !== undefined) found.push([key, entries]);
  }
  return streamsReply(context.reply, found);
}

function needGroup({ db }: CommandContext, key: string, name: string): GroupOfStream {
  const where = ' in XREADGROUP with GROUP option';
  return findGroupAt(db, key, name) ?? fail(noGroup(key, name, where));
}

/** The same for a consumer that has waited: what it needs was there. */
function needStill({ db }: CommandContext, key: string, name: string): GroupOfStream {
  const record = db.get(key);
  if (record === undefined || typeOf(record) !== ValueType.stream) {
    fail('UNBLOCKED the stream key no longer exists');
  }
  const error = 'NOGROUP the consumer group this client was blocked on no longer exists';
  return findGroupAt(db, key, name) ?? fail(error);
}

function hasNews(db: Database, { stream, group }: GroupOfStream): boolean {
  return hasEntriesAfter(db, stream, group.lastId);
}

function parseReadId(text: string): StreamId {
  if (text === '>') return NEW;
  if (text === '$' || text === '+') {
    fail(
      `ERR The ${text} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${text} ID would just return an empty result set.`,
    );
  }
  return streamId(text);
}

/** The entries of one stream; undefined if new ones are wanted and there are none. */
function readStream(
  context: CommandContext,
  key: string,
  after: StreamId,
  { group: name, consumer: consumerName, count, noAck }: ReadArguments,
): Reply | undefined {
  const { db } = context;
  const { stream, group } = needGroup(context, key, name);
  const pending = new PendingEntries(db, stream, group);
  const consumer = pending.enter(consumerName);
  const reply =
    after === NEW
      ? deliver(context, stream, group, noAck ? undefined : pending, consumer, count)
      : readHistory(context, stream, pending, consumer, after, count);
  pending.save();
  return reply;
}

/** @param pending undefined: what is delivered counts as acknowledged */
function deliver(
  { db, reply }: CommandContext,
  stream: Stream,
  group: Group,
  pending: PendingEntries | undefined,
  consumer: Consumer,
  count: number,
): Reply | undefined {
  const start = idAfter(group.lastId);
  const entries = start === undefined ? [] : entriesBetween(db, stream, start, LAST_ID, count);
  if (entries.length === 0) return undefined;
  pending?.need(entries.map(({ id }) => id));
  for (const { id } of entries) {
    advance(stream, group, id);
    pending?.assign(id, consumer, db.now, 1);
  }
  if (pending !== undefined) consumer.activeAt = db.now;
  saveGroup(db, stream, group);
  return entriesReply(reply, entries);
}

/** What the consumer has pending, delivered once more. */
function readHistory(
  { db, reply }: CommandContext,
  stream: Stream,
  pending: PendingEntries,
  consumer: Consumer,
  after: StreamId,
  count: number,
): Reply {
  const start = idAfter(after) as StreamId;
  const ids = pending.betweenOf(consumer, start, LAST_ID, count);
  pending.need(ids);
  const replies = readEntries(db, stream, ids).map((entry, i) => {
    const id = ids[i] as StreamId;
    if (entry === undefined) return reply.array([idReply(reply, id), reply.nullArray]);
    const { deliveries } = pending.get(id) as PendingEntry;
    pending.assign(id, consumer, db.now, deliveries + 1);
    return entryReply(reply, entry);
  });
  return reply.array(replies);
}

function runAcknowledge({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const found = findGroupAt(db, argv[1] as string, argv[2] as string);
  if (found === undefined) return reply.integer(0);
  const ids = argv.slice(3).map(streamId);
  const pending = new PendingEntries(db, found.stream, found.group);
  pending.need(ids);
  let count = 0;
  for (const id of ids) {
    const entry = pending.get(id);
    if (entry === undefined) continue;
    pending.release(entry);
    count++;
  }
  pending.save();
  return reply.integer(count);
}

export const streamConsumeCommands: readonly Command[] = [
  {
    name: 'xack',
    summary: 'Acknowledges entries: they are pending no more. Returns how many were.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1) for each id',
    arity: -4,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'update']),
    arguments: [
      keyArgument,
      { name: 'group', type: 'string' },
      { name: 'id', type: 'string', flags: ['multiple'] },
    ],
    run: runAcknowledge,
  },
  {
    name: 'xreadgroup',
    summary: 'Delivers new entries to a consumer of a group, or those again that it has pending.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(N) for each stream, N being the number of its entries returned',
    arity: -7,
    flags: ['write', 'blocking', 'movablekeys'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', startFrom: 4 },
        find: { range: { lastKey: -1, step: 1, limit: 2 } },
      },
    ],
    arguments: [
      {
        name: 'group-block',
        type: 'block',
        token: 'GROUP',
        arguments: [
          { name: 'group', type: 'string' },
          { name: 'consumer', type: 'string' },
        ],
      },
      countSpec,
      blockSpec,
      { ...token('NOACK'), flags: ['optional'] },
      streamsSpec,
    ],
    run: runReadGroup,
  },
];
