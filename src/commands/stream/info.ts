/** XINFO: what there is to know of a stream, its groups and their consumers. */

import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import { edgeEntry, entriesBetween, nodeCount } from '../../types/stream/entries.js';
import {
  type Consumer,
  consumersOf,
  findGroup,
  type Group,
  groupsOf,
} from '../../types/stream/group.js';
import { FIRST_ID, LAST_ID, type StreamId } from '../../types/stream/id.js';
import { lagOf } from '../../types/stream/lag.js';
import { PendingEntries, type PendingEntry } from '../../types/stream/pending.js';
import { findStream, type Stream } from '../../types/stream/stream.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keyArgument, keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';
import { countSpec, entriesReply, entryReply, idReply } from './arguments.js';

const FULL_COUNT = 10;
const NEVER_ACTIVE = -1;

function runStream(context: CommandContext, argv: readonly string[]): Reply {
  const { db } = context;
  const stream = needStream(context, argv);
  const count = parseFull(argv);
  const { reply } = context;
  if (count !== undefined) return reply.map(fullFacts(context, stream, count));
  const edges = [false, true].map((last) => {
    const entry = edgeEntry(db, stream, last);
    return entry === undefined ? reply.nullBulk : entryReply(reply, entry);
  });
  return reply.map([
    ...facts(context, stream),
    reply.bulk('groups'),
    reply.integer(groupsOf(db, stream).length),
    reply.bulk('first-entry'),
    edges[0] as Reply,
    reply.bulk('last-entry'),
    edges[1] as Reply,
  ]);
}

/** Most entries and pending entries with FULL; undefined without it. */
function parseFull(argv: readonly string[]): number | undefined {
  const [full, option, text] = argv.slice(3);
  if (full === undefined) return undefined;
  const isRight = argv.length === 4 || (argv.length === 6 && isWord(option ?? '', 'count'));
  if (!isWord(full, 'full') || !isRight) {
    fail(`ERR unknown subcommand or wrong number of arguments for '${argv[1]}'. Try XINFO HELP.`);
  }
  if (text === undefined) return FULL_COUNT;
  const count = parseInteger(text);
  if (count === 0) return Number.POSITIVE_INFINITY;
  return count < 0 ? FULL_COUNT : count;
}

function needStream({ db }: CommandContext, argv: readonly string[]): Stream {
  return findStream(db, argv[2] as string) ?? fail(errors.noSuchKey);
}

function facts({ db, reply }: CommandContext, stream: Stream): Reply[] {
  const nodes = nodeCount(db, stream);
  return [
    ...counts(reply, {
      length: stream.length,
      'radix-tree-keys': nodes,
      'radix-tree-nodes': nodes + 1,
    }),
    ...ids(reply, {
      'last-generated-id': stream.lastId,
      'max-deleted-entry-id': stream.maxDeletedId,
    }),
    ...counts(reply, { 'entries-added': stream.entriesAdded }),
    ...ids(reply, { 'recorded-first-entry-id': stream.firstId }),
  ];
}

function counts(reply: ReplyEncoder, numbers: Readonly<Record<string, number>>): Reply[] {
  return Object.entries(numbers).flatMap(([name, n]) => [reply.bulk(name), reply.integer(n)]);
}

function ids(reply: ReplyEncoder, all: Readonly<Record<string, StreamId>>): Reply[] {
  return Object.entries(all).flatMap(([name, id]) => [reply.bulk(name), idReply(reply, id)]);
}

function fullFacts(context: CommandContext, stream: Stream, count: number): Reply[] {
  const { db, reply } = context;
  const groups = groupsOf(db, stream).map((group) =>
    reply.map(fullGroup(context, stream, group, count)),
  );
  return [
    ...facts(context, stream),
    reply.bulk('entries'),
    entriesReply(reply, entriesBetween(db, stream, FIRST_ID, LAST_ID, count)),
    reply.bulk('groups'),
    reply.array(groups),
  ];
}

function fullGroup(context: CommandContext, stream: Stream, group: Group, count: number): Reply[] {
  const { db, reply } = context;
  const pending = new PendingEntries(db, stream, group);
  const listed = pendingReply(reply, pending, pending.between(FIRST_ID, LAST_ID, count), true);
  const consumers = consumersOf(db, stream, group).map((consumer) => {
    const own = pending.betweenOf(consumer, FIRST_ID, LAST_ID, count);
    return reply.map([
      reply.bulk('name'),
      reply.bulk(consumer.name),
      ...counts(reply, {
        'seen-time': consumer.seenAt,
        'active-time': consumer.activeAt || NEVER_ACTIVE,
        'pel-count': consumer.pending,
      }),
      reply.bulk('pending'),
      pendingReply(reply, pending, own, false),
    ]);
  });
  return [
    reply.bulk('name'),
    reply.bulk(group.name),
    ...ids(reply, { 'last-delivered-id': group.lastId }),
    ...progress(reply, stream, group),
    ...counts(reply, { 'pel-count': group.pending }),
    reply.bulk('pending'),
    listed,
    reply.bulk('consumers'),
    reply.array(consumers),
  ];
}

function pendingReply(
  reply: ReplyEncoder,
  pending: PendingEntries,
  listed: readonly StreamId[],
  withOwner: boolean,
): Reply {
  pending.need(listed);
  const items = listed.map((id) => {
    const entry = pending.get(id) as PendingEntry;
    return reply.array([
      idReply(reply, id),
      ...(withOwner ? [reply.bulk(pending.ownerOf(entry).name)] : []),
      reply.integer(entry.deliveredAt),
      reply.integer(entry.deliveries),
    ]);
  });
  return reply.array(items);
}

function progress(reply: ReplyEncoder, stream: Stream, group: Group): Reply[] {
  const known = { 'entries-read': group.entriesRead, lag: lagOf(stream, group) };
  return Object.entries(known).flatMap(([name, count]) => [
    reply.bulk(name),
    count === undefined ? reply.nullBulk : reply.integer(count),
  ]);
}

function runGroups(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const stream = needStream(context, argv);
  const groups = groupsOf(db, stream).map((group) =>
    reply.map([
      reply.bulk('name'),
      reply.bulk(group.name),
      ...counts(reply, {
        consumers: consumersOf(db, stream, group).length,
        pending: group.pending,
      }),
      ...ids(reply, { 'last-delivered-id': group.lastId }),
      ...progress(reply, stream, group),
    ]),
  );
  return reply.array(groups);
}

function runConsumers(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const [, , key, name = ''] = argv;
  const stream = needStream(context, argv);
  const group =
    findGroup(db, stream, name) ??
    fail(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
  const consumers = consumersOf(db, stream, group).map((consumer) =>
    consumerFacts(context, consumer),
  );
  return reply.array(consumers);
}

function consumerFacts({ db, reply }: CommandContext, consumer: Consumer): Reply {
  const { name, pending, seenAt, activeAt } = consumer;
  const since = (time: number) => Math.max(0, db.now - time);
  return reply.map([
    reply.bulk('name'),
    reply.bulk(name),
    ...counts(reply, {
      pending,
      idle: since(seenAt),
      inactive: activeAt === 0 ? NEVER_ACTIVE : since(activeAt),
    }),
  ]);
}

type Outline = Pick<Command, 'name' | 'summary' | 'arity' | 'arguments' | 'run'> &
  Partial<Pick<Command, 'history' | 'tips'>>;

function subcommand(outline: Outline): Command {
  return {
    ...outline,
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(N), N being the number of what is returned',
    flags: ['readonly'],
    keys: [keysAt(2, 0, 1, ['RO', 'access'])],
  };
}

export const streamInfoCommands: readonly Command[] = [
  {
    name: 'xinfo',
    summary: 'A container for commands that look into streams.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      subcommand({
        name: 'consumers',
        summary: 'Returns the consumers of a group.',
        arity: 4,
        tips: ['nondeterministic_output'],
        history: [['7.2.0', 'The `inactive` field; `idle` tells of attempts that failed too.']],
        arguments: [keyArgument, { name: 'group', type: 'string' }],
        run: runConsumers,
      }),
      subcommand({
        name: 'groups',
        summary: 'Returns the consumer groups of a stream.',
        arity: 3,
        history: [['7.0.0', 'The `entries-read` and `lag` fields.']],
        arguments: [keyArgument],
        run: runGroups,
      }),
      subcommand({
        name: 'stream',
        summary: 'Returns what there is to know of a stream.',
        arity: -3,
        history: [
          ['6.0.0', 'The `FULL` option.'],
          ['7.0.0', 'The `max-deleted-entry-id`, `entries-added` and other fields.'],
          ['7.2.0', 'The `active-time` field.'],
        ],
        arguments: [
          keyArgument,
          {
            name: 'full-block',
            type: 'block',
            flags: ['optional'],
            arguments: [{ name: 'full', type: 'pure-token', token: 'FULL' }, countSpec],
          },
        ],
        run: runStream,
      }),
      helpSubcommand('xinfo', '5.0.0', 'stream', [
        ['CONSUMERS <key> <groupname>', 'The consumers of the group.'],
        ['GROUPS <key>', 'The consumer groups of the stream.'],
        ['STREAM <key> [FULL [COUNT <count>]]', 'The stream itself; FULL: with all it holds.'],
      ]),
    ],
  },
];
