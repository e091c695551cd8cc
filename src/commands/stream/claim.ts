/** XCLAIM: pending entries change hands; and what XAUTOCLAIM has in common with it. */

import type { Reply } from '../../protocol/reply.js';
import {
  hasEntry,
  needEntries,
  readEntries,
  type StreamEntry,
} from '../../types/stream/entries.js';
import { type Consumer, saveGroup } from '../../types/stream/group.js';
import { FIRST_ID, parseId, type StreamId } from '../../types/stream/id.js';
import { PendingEntries, type PendingEntry } from '../../types/stream/pending.js';
import type { Stream } from '../../types/stream/stream.js';
import { parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { entriesReply, groupArgument, idReply, streamId } from './arguments.js';

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
  const { stream, group } = groupArgument(context, argv);
  const leastIdle = idleArgument(argv[4], 'XCLAIM');
  const options = parseClaim(argv, db.now);
  if (options.lastId > group.lastId) {
    group.lastId = options.lastId;
    saveGroup(db, stream, group);
  }
  const pending = new PendingEntries(db, stream, group);
  const consumer = pending.enter(argv[3] as string);
  pending.need(options.ids);
  needEntries(db, stream, options.ids);
  const claimed = options.ids.filter((id) =>
    claim(context, { stream, pending, consumer, leastIdle }, id, options),
  );
  if (claimed.length > 0) consumer.activeAt = db.now;
  pending.save();
  return claimedReply(context, stream, claimed, options.justId);
}

export interface Claim {
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

export function isBusy({ deliveredAt }: PendingEntry, leastIdle: number, now: number): boolean {
  return leastIdle > 0 && now - deliveredAt < leastIdle;
}

export function idleArgument(text: string | undefined, command: string): number {
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

export function claimedReply(
  { db, reply }: CommandContext,
  stream: Stream,
  ids: readonly StreamId[],
  justId: boolean,
): Reply {
  if (justId) return reply.array(ids.map((id) => idReply(reply, id)));
  return entriesReply(reply, readEntries(db, stream, ids) as StreamEntry[]);
}

export const groupSpec: ArgumentSpec = { name: 'group', type: 'string' };
export const consumerSpec: ArgumentSpec = { name: 'consumer', type: 'string' };
export const minIdleTimeSpec: ArgumentSpec = { name: 'min-idle-time', type: 'string' };
export const justIdSpec: ArgumentSpec = { ...token('JUSTID'), flags: ['optional'] };

export const streamClaimCommands: readonly Command[] = [
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
      groupSpec,
      consumerSpec,
      minIdleTimeSpec,
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
