/** XCLAIM and XAUTOCLAIM: pending entries change hands. */

import type { Reply } from '../protocol/reply.js';
import {
  findStream,
  hasEntry,
  readEntries,
  type Stream,
  type StreamEntry,
} from '../types/stream.js';
import { type Consumer, findGroup, type Group, saveGroup } from '../types/stream-group.js';
import { FIRST_ID, LAST_ID, parseId, type StreamId } from '../types/stream-id.js';
import { PendingEntries, type PendingEntry } from '../types/stream-pending.js';
import { isWord, parseInteger, parseIntegerWithin } from './arguments.js';
import { errors, fail } from './command-error.js';
import type { CommandContext } from './context.js';
import { keyArgument, oneKey, token } from './key-specs.js';
import type { ArgumentSpec, Command } from './spec.js';
import {
  countSpec,
  entriesReply,
  idReply,
  noGroup,
  rangeStart,
  streamId,
} from './stream-arguments.js';

interface ClaimOptions {
  readonly ids: readonly StreamId[];
  /** Milliseconds since 1970; undefined: now. */
  deliveredAt: number | undefined;
  /** undefined: one more than before, or as before with JUSTID. */
  deliveries: number | undefined;
  force: boolean;
  justId: boolean;
  lastId: StreamId;
}

function runClaim(context: CommandContext, argv: readonly string[]): Reply {
  const { db } = context;
  const { stream, group } = needGroup(context, argv);
  const leastIdle = idleArgument(argv[4], 'XCLAIM');
  const options = parseClaim(argv, db.now);
  if (options.lastId > group.lastId) {
    group.lastId = options.lastId;
    saveGroup(db, stream, group);
  }
  const pending = new PendingEntries(db, stream, group);
  const consumer = pending.enter(argv[3] as string);
  pending.need(options.ids);
  readEntries(db, stream, options.ids);
  const claimed = options.ids.filter((id) =>
    claim(context, { stream, pending, consumer, leastIdle }, id, options),
  );
  if (claimed.length > 0) consumer.activeAt = db.now;
  pending.save();
  return claimedReply(context, stream, claimed, options.justId);
}

interface Claim {
  readonly stream: Stream;
  readonly pending: PendingEntries;
  readonly consumer: Consumer;
  readonly leastIdle: number;
}

function claim(
  { db }: CommandContext,
  { stream, pending, consumer, leastIdle }: Claim,
  id: StreamId,
  options: ClaimOptions,
): boolean {
  const found = pending.get(id);
  if (!hasEntry(db, stream, id)) {
    if (found !== undefined) pending.release(found);
    return false;
  }
  if (found === undefined && !options.force) return false;
  if (found !== undefined && isBusy(found, leastIdle, db.now)) return false;
  // One that is forced counts as delivered before.
  const before = found?.deliveries ?? 1;
  const deliveries = options.deliveries ?? (options.justId ? before : before + 1);
  pending.assign(id, consumer, options.deliveredAt ?? db.now, deliveries);
  return true;
}

function isBusy({ deliveredAt }: PendingEntry, leastIdle: number, now: number): boolean {
  return leastIdle > 0 && now - deliveredAt < leastIdle;
}

function needGroup(
  { db }: CommandContext,
  argv: readonly string[],
): { stream: Stream; group: Group } {
  const [, key = '', name = ''] = argv;
  const stream = findStream(db, key);
  const group = stream && findGroup(db, stream, name);
  if (stream === undefined || group === undefined) return fail(noGroup(key, name));
  return { stream, group };
}

function idleArgument(text: string | undefined, command: string): number {
  const error = `ERR Invalid min-idle-time argument for ${command}`;
  return Math.max(0, parseInteger(text ?? '', error));
}

function parseClaim(argv: readonly string[], now: number): ClaimOptions {
  const ids: StreamId[] = [];
  let at = 5;
  for (; at < argv.length; at++) {
    const id = parseId(argv[at] as string);
    if (id === undefined) break;
    ids.push(id);
  }
  const options: ClaimOptions = {
    ids,
    deliveredAt: undefined,
    deliveries: undefined,
    force: false,
    justId: false,
    lastId: FIRST_ID,
  };
  while (at < argv.length) at += readClaimOption(options, argv[at] as string, argv[at + 1], now);
  return options;
}

/** Reads an option, and returns how many words it takes. */
function readClaimOption(
  options: ClaimOptions,
  option: string,
  value: string | undefined,
  now: number,
): number {
  const name = option.toLowerCase();
  if (name === 'force') options.force = true;
  else if (name === 'justid') options.justId = true;
  else {
    if (value === undefined || !readClaimValue(options, name, value, now)) {
      fail(`ERR Unrecognized XCLAIM option '${option}'`);
    }
    return 2;
  }
  return 1;
}

function readClaimValue(options: ClaimOptions, name: string, value: string, now: number): boolean {
  const invalid = `ERR Invalid ${name.toUpperCase()} option argument for XCLAIM`;
  if (name === 'idle') options.deliveredAt = plausible(now - parseInteger(value, invalid), now);
  else if (name === 'time') options.deliveredAt = plausible(parseInteger(value, invalid), now);
  else if (name === 'lastid') options.lastId = streamId(value);
  else if (name === 'retrycount') {
    const count = parseInteger(value, invalid);
    options.deliveries = count < 0 ? undefined : Math.min(count, Number.MAX_SAFE_INTEGER);
  } else return false;
  return true;
}

/** A time before 1970 or to come is taken for now: clients reckon with clocks of their own. */
function plausible(time: number, now: number): number {
  return time < 0 || time > now ? now : time;
}

function claimedReply(
  { db, reply }: CommandContext,
  stream: Stream,
  ids: readonly StreamId[],
  justId: boolean,
): Reply {
  if (justId) return reply.array(ids.map((id) => idReply(reply, id)));
  return entriesReply(reply, readEntries(db, stream, ids) as StreamEntry[]);
}

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
  const { stream, group } = needGroup(context, argv);
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
    const ids = chunk.map(({ id }) => id);
    readEntries(db, stream, ids);
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

const group: ArgumentSpec = { name: 'group', type: 'string' };
const consumer: ArgumentSpec = { name: 'consumer', type: 'string' };
const minIdleTime: ArgumentSpec = { name: 'min-idle-time', type: 'string' };
const justIdSpec: ArgumentSpec = { ...token('JUSTID'), flags: ['optional'] };

export const streamClaimCommands: readonly Command[] = [
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
      group,
      consumer,
      minIdleTime,
      { name: 'start', type: 'string' },
      countSpec,
      justIdSpec,
    ],
    run: runAutoClaim,
  },
  {
    name: 'xclaim',
    summary: 'Gives a consumer some pending entries, whoever has them.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1) for each id',
    arity: -6,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'update']),
    tips: ['nondeterministic_output'],
    arguments: [
      keyArgument,
      group,
      consumer,
      minIdleTime,
      { name: 'id', type: 'string', flags: ['multiple'] },
      { name: 'ms', type: 'integer', token: 'IDLE', flags: ['optional'] },
      { name: 'unix-time-milliseconds', type: 'unix-time', token: 'TIME', flags: ['optional'] },
      { name: 'count', type: 'integer', token: 'RETRYCOUNT', flags: ['optional'] },
      { ...token('FORCE'), flags: ['optional'] },
      justIdSpec,
      { name: 'lastid', type: 'string', token: 'LASTID', flags: ['optional'] },
    ],
    run: runClaim,
  },
];
