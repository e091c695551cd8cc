/** XPENDING: what was delivered to the consumers of a group and not acknowledged. */

import type { Reply } from '../../protocol/reply.js';
import { consumersOf, findConsumer, type Group } from '../../types/stream/group.js';
import { FIRST_ID, LAST_ID, type StreamId } from '../../types/stream/id.js';
import { PendingEntries, type PendingEntry } from '../../types/stream/pending.js';
import type { Stream } from '../../types/stream/stream.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';
import { countArgument, groupArgument, idReply, rangeEnd, rangeStart } from './arguments.js';

interface PendingQuery {
  readonly leastIdle: number;
  readonly start: StreamId;
  readonly end: StreamId;
  readonly count: number;
  readonly consumer: string | undefined;
}

function runPending(context: CommandContext, argv: readonly string[]): Reply {
  const query = parseQuery(argv);
  const { stream, group } = groupArgument(context, argv);
  return query === undefined
    ? summary(context, stream, group)
    : list(context, stream, group, query);
}

/** undefined: the summary is asked for. */
function parseQuery(argv: readonly string[]): PendingQuery | undefined {
  if (argv.length === 3) return undefined;
  if (argv.length < 6 || argv.length > 9) fail(errors.syntax);
  const hasIdle = isWord(argv[3] as string, 'idle');
  const leastIdle = hasIdle ? parseInteger(argv[4] as string) : 0;
  if (hasIdle && argv.length < 8) fail(errors.syntax);
  const [start = '', end = '', count, consumer] = argv.slice(hasIdle ? 5 : 3);
  const most = countArgument(count);
  return { leastIdle, start: rangeStart(start), end: rangeEnd(end), count: most, consumer };
}

function summary({ db, reply }: CommandContext, stream: Stream, group: Group): Reply {
  const total = reply.integer(group.pending);
  if (group.pending === 0) {
    return reply.array([total, reply.nullBulk, reply.nullBulk, reply.nullArray]);
  }
  const pending = new PendingEntries(db, stream, group);
  const edges = [false, true].map((last) => {
    const [id] = pending.between(FIRST_ID, LAST_ID, 1, last);
    return idReply(reply, id as StreamId);
  });
  const consumers = consumersOf(db, stream, group).filter(({ pending }) => pending > 0);
  const counts = consumers.map(({ name, pending }) => reply.bulks([name, String(pending)]));
  return reply.array([total, ...edges, reply.array(counts)]);
}

function list(
  { db, reply }: CommandContext,
  stream: Stream,
  group: Group,
  { leastIdle, start, end, count, consumer: name }: PendingQuery,
): Reply {
  const pending = new PendingEntries(db, stream, group);
  const consumer = name === undefined ? undefined : findConsumer(db, stream, group, name);
  if (name !== undefined && consumer === undefined) return reply.emptyArray;
  const found: PendingEntry[] = [];
  for (const chunk of pending.chunks(start, end, count, consumer)) {
    for (const entry of chunk) {
      if (leastIdle <= 0 || db.now - entry.deliveredAt >= leastIdle) found.push(entry);
    }
    if (found.length >= count) break;
  }
  return reply.array(
    found
      .slice(0, count)
      .map((entry) =>
        reply.array([
          idReply(reply, entry.id),
          reply.bulk((consumer ?? pending.ownerOf(entry)).name),
          reply.integer(Math.max(0, db.now - entry.deliveredAt)),
          reply.integer(entry.deliveries),
        ]),
      ),
  );
}

export const streamPendingCommands: readonly Command[] = [
  {
    name: 'xpending',
    summary: 'Returns what a consumer group has pending: a summary, or entries between two ids.',
    since: '5.0.0',
    group: 'stream',
    complexity:
      'O(N), N being the number of entries returned, or looked at with `IDLE`; the summary: of consumers',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'The `IDLE` option, and bounds that do not belong to the range.']],
    arguments: [
      keyArgument,
      { name: 'group', type: 'string' },
      {
        name: 'filters',
        type: 'block',
        flags: ['optional'],
        arguments: [
          {
            name: 'min-idle-time',
            type: 'integer',
            token: 'IDLE',
            since: '6.2.0',
            flags: ['optional'],
          },
          { name: 'start', type: 'string' },
          { name: 'end', type: 'string' },
          { name: 'count', type: 'integer' },
          { name: 'consumer', type: 'string', flags: ['optional'] },
        ],
      },
    ],
    run: runPending,
  },
];
