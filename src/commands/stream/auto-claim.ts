/** XAUTOCLAIM: pending entries that have waited for long change hands. */

import type { Reply } from '../../protocol/reply.js';
import { hasEntry, needEntries } from '../../types/stream/entries.js';
import { FIRST_ID, LAST_ID, type StreamId } from '../../types/stream/id.js';
import { PendingEntries } from '../../types/stream/pending.js';
import { isWord, parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';
import { countSpec, groupArgument, idReply, rangeStart } from './arguments.js';
import {
  type Claim,
  claimedReply,
  consumerSpec,
  groupSpec,
  idleArgument,
  isBusy,
  justIdSpec,
  minIdleTimeSpec,
} from './claim.js';

const AUTOCLAIM_COUNT = 100;
const AUTOCLAIM_COUNT_MAX = 2 ** 59;
/** Pending entries looked at for each that may be claimed. */
const AUTOCLAIM_ATTEMPTS = 10;

interface AutoClaimOptions {
  count: number;
  justId: boolean;
}

function runAutoClaim(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const leastIdle = idleArgument(argv[4], 'XAUTOCLAIM');
  const start = rangeStart(argv[5] as string);
  const options = parseAutoClaim(argv);
  const { stream, group } = groupArgument(context, argv);
  const pending = new PendingEntries(db, stream, group);
  const consumer = pending.enter(argv[3] as string);
  const where = { stream, pending, consumer, leastIdle };
  const { next, claimed, deleted } = autoClaim(context, where, start, options);
  if (claimed.length > 0) consumer.activeAt = db.now;
  pending.save();
  return reply.array([
    idReply(reply, next),
    claimedReply(context, stream, claimed, options.justId),
    reply.array(deleted.map((id) => idReply(reply, id))),
  ]);
}

interface AutoClaimed {
  /** The first pending entry that was not looked at; FIRST_ID if there is none. */
  readonly next: StreamId;
  readonly claimed: readonly StreamId[];
  readonly deleted: readonly StreamId[];
}

function autoClaim(
  { db }: CommandContext,
  { stream, pending, consumer, leastIdle }: Claim,
  start: StreamId,
  { count, justId }: AutoClaimOptions,
): AutoClaimed {
  const claimed: StreamId[] = [];
  const deleted: StreamId[] = [];
  let attempts = count * AUTOCLAIM_ATTEMPTS;
  for (const chunk of pending.chunks(start, LAST_ID, count + 1)) {
    needEntries(
      db,
      stream,
      chunk.map(({ id }) => id),
    );
    for (const entry of chunk) {
      const { id, deliveries } = entry;
      if (attempts-- === 0 || claimed.length + deleted.length === count) {
        return { next: id, claimed, deleted };
      }
      if (!hasEntry(db, stream, id)) {
        pending.release(entry);
        deleted.push(id);
      } else if (!isBusy(entry, leastIdle, db.now)) {
        pending.assign(id, consumer, db.now, deliveries + (justId ? 0 : 1));
        claimed.push(id);
      }
    }
  }
  return { next: FIRST_ID, claimed, deleted };
}

function parseAutoClaim(argv: readonly string[]): AutoClaimOptions {
  const options = { count: AUTOCLAIM_COUNT, justId: false };
  for (let i = 6; i < argv.length; i++) {
    const option = argv[i] as string;
    if (isWord(option, 'count') && i + 1 < argv.length) {
      const text = argv[++i] as string;
      options.count = parseIntegerWithin(text, 1, AUTOCLAIM_COUNT_MAX, 'ERR COUNT must be > 0');
    } else if (isWord(option, 'justid')) options.justId = true;
    else fail(errors.syntax);
  }
  return options;
}

export const streamAutoClaimCommands: readonly Command[] = [
  {
    name: 'xautoclaim',
    summary: 'Gives a consumer pending entries of others that have waited for long.',
    since: '6.2.0',
    group: 'stream',
    complexity: 'O(1) if COUNT is small',
    arity: -6,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'delete']),
    tips: ['nondeterministic_output'],
    history: [['7.0.0', 'The ids of deleted entries in the reply.']],
    arguments: [
      keyArgument,
      groupSpec,
      consumerSpec,
      minIdleTimeSpec,
      { name: 'start', type: 'string' },
      countSpec,
      justIdSpec,
    ],
    run: runAutoClaim,
  },
];
