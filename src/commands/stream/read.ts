/** Stream commands that read: XLEN, XRANGE, XREVRANGE, XREAD. */

import type { Reply } from '../../protocol/reply.js';
import {
  edgeEntry,
  entriesBetween,
  hasEntriesAfter,
  partBetween,
} from '../../types/stream/entries.js';
import { FIRST_ID, idAfter, idBefore, LAST_ID, type StreamId } from '../../types/stream/id.js';
import { findStream, type Stream } from '../../types/stream/stream.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import { streamIfLarge } from '../large-reply.js';
import type { ArgumentSpec, Command } from '../spec.js';
import {
  countArgument,
  countSpec,
  entriesReply,
  entryForm,
  rangeEnd,
  rangeStart,
  streamId,
} from './arguments.js';
import {
  blockSpec,
  parseRead,
  type ReadArguments,
  readOrWait,
  streamsReply,
  streamsSpec,
} from './read-arguments.js';

type Range = readonly [start: StreamId, end: StreamId, limit: number, reverse: boolean];

function runLength({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(findStream(db, argv[1] as string)?.length ?? 0);
}

function runRange(reverse: boolean) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const { reply } = context;
    const start = rangeStart(argv[reverse ? 3 : 2] as string);
    const end = rangeEnd(argv[reverse ? 2 : 3] as string);
    const count = parseCount(argv);
    const stream = findStream(context.db, argv[1] as string);
    if (stream === undefined) return reply.emptyArray;
    if (count === 0) return reply.nullArray;
    return streamedIfMany(context, stream, start, end, count, reverse);
  };
}

function streamedIfMany(context: CommandContext, stream: Stream, ...range: Range): Reply {
  const { db, reply } = context;
  const part = partBetween(stream, ...range);
  const streamed = part && streamIfLarge(context, stream.entry, part, entryForm(reply));
  return streamed ?? entriesReply(reply, entriesBetween(db, stream, ...range));
}

function parseCount(argv: readonly string[]): number {
  let count = Number.POSITIVE_INFINITY;
  for (let i = 4; i < argv.length; i += 2) {
    if (!isWord(argv[i] as string, 'count') || i + 1 >= argv.length) fail(errors.syntax);
    count = countArgument(argv[i + 1]);
  }
  return count;
}

function runRead(context: CommandContext, argv: readonly string[]): Reply {
  const wanted = parseRead(argv, 'xread');
  // `$` is what it is now: entries that come while the client waits are above it.
  const after = wanted.keys.map((key, i) =>
    readAfter(context, findStream(context.db, key), wanted.ids[i] as string),
  );
  return readOrWait(context, wanted, {
    first: () => readStreams(context, wanted, after, streamedIfMany),
    // Whoever is served by another's request cannot wait for a snapshot.
    again: () => readStreams(context, wanted, after, atOnce),
  });
}

function atOnce({ db, reply }: CommandContext, stream: Stream, ...range: Range): Reply {
  return entriesReply(reply, entriesBetween(db, stream, ...range));
}

function readStreams(
  context: CommandContext,
  { keys, count }: ReadArguments,
  after: readonly StreamId[],
  entries: typeof atOnce,
): Reply | undefined {
  const found: [string, Reply][] = [];
  for (const [i, key] of keys.entries()) {
    const stream = findStream(context.db, key);
    const id = after[i] as StreamId;
    if (stream === undefined || !hasEntriesAfter(context.db, stream, id)) continue;
    const start = idAfter(id) as StreamId;
    found.push([key, entries(context, stream, start, LAST_ID, count, false)]);
  }
  return streamsReply(context.reply, found);
}

/** The id that entries must be above. */
function readAfter({ db }: CommandContext, stream: Stream | undefined, text: string): StreamId {
  if (text === '$') return stream?.lastId ?? FIRST_ID;
  if (text === '+') {
    const last = stream === undefined ? undefined : edgeEntry(db, stream, true);
    return (last && idBefore(last.id)) ?? stream?.lastId ?? FIRST_ID;
  }
  if (text === '>') {
    fail(
      'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
    );
  }
  return streamId(text);
}

function rangeCommand(
  reverse: boolean,
  name: string,
  summary: string,
  bounds: readonly ArgumentSpec[],
): Command {
  return {
    name,
    summary,
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(N), N being the number of entries returned',
    arity: -4,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    history: [['6.2.0', 'Bounds that do not belong to the range.']],
    arguments: [keyArgument, ...bounds, countSpec],
    run: runRange(reverse),
  };
}

const start: ArgumentSpec = { name: 'start', type: 'string' };
const end: ArgumentSpec = { name: 'end', type: 'string' };

export const streamReadCommands: readonly Command[] = [
  {
    name: 'xlen',
    summary: 'Returns the number of entries of a stream.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: runLength,
  },
  rangeCommand(false, 'xrange', 'Returns the entries of a stream between two ids.', [start, end]),
  rangeCommand(true, 'xrevrange', 'The same as `XRANGE`, from the last entry to the first.', [
    end,
    start,
  ]),
  {
    name: 'xread',
    summary:
      'Returns the entries of several streams that are above an id of each; waits for some with `BLOCK`.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(N) for each stream, N being the number of its entries returned',
    arity: -4,
    flags: ['readonly', 'blocking', 'movablekeys'],
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', startFrom: 1 },
        find: { range: { lastKey: -1, step: 1, limit: 2 } },
      },
    ],
    arguments: [countSpec, blockSpec, streamsSpec],
    run: runRead,
  },
];
