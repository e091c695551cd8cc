/** When keys expire: setting it, asking for it, taking it back. */

import { INT64_MAX, INT64_MIN } from '../../base/integer.js';
import type { Database } from '../../keyspace/database.js';
import { expireAtOf, NEVER } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { parseInteger64 } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';

/** Redis's answers for what has no time. */
const NO_KEY = -2;
const NO_EXPIRY = -1;
const SECOND = 1000;

/** When an expiry may be set, beside always. Bits, so that they can be given together. */
export const Condition = { nx: 1, xx: 2, gt: 4, lt: 8 } as const;

/** How a command counts time. */
interface Unit {
  readonly milliseconds: number;
  /** From now, or from 1970. */
  readonly isRelative: boolean;
}

function parseConditions(argv: readonly string[]): number {
  let conditions = 0;
  for (let i = 3; i < argv.length; i++) {
    const option = argv[i] as string;
    const name = option.toLowerCase();
    if (!Object.hasOwn(Condition, name)) fail(`ERR Unsupported option ${option}`);
    conditions |= Condition[name as keyof typeof Condition];
  }
  const { nx, xx, gt, lt } = Condition;
  if (conditions & nx && conditions & (xx | gt | lt)) {
    fail('ERR NX and XX, GT or LT options at the same time are not compatible');
  }
  if (conditions & gt && conditions & lt) {
    fail('ERR GT and LT options at the same time are not compatible');
  }
  return conditions;
}

/** Milliseconds since 1970, at most 2^53 - 1; negative for times before. */
function parseTime(command: string, text: string, unit: Unit, now: number): number {
  const time = parseInteger64(text);
  const start = unit.isRelative ? now : 0;
  if (typeof time === 'number' && Math.abs(time) < 1e12) return time * unit.milliseconds + start;
  const exact = BigInt(time) * BigInt(unit.milliseconds);
  const at = exact + BigInt(start);
  if (exact < INT64_MIN || at > INT64_MAX) fail(`ERR invalid expire time in '${command}' command`);
  return Math.min(Number(at), Number.MAX_SAFE_INTEGER);
}

/** What does not expire is taken to expire at the end of time. */
export function isAllowed(conditions: number, current: number, at: number): boolean {
  if (conditions === 0) return true;
  const { nx, xx, gt, lt } = Condition;
  const end = current === NEVER ? Number.POSITIVE_INFINITY : current;
  if (conditions & nx && current !== NEVER) return false;
  if (conditions & xx && current === NEVER) return false;
  if (conditions & gt && at <= end) return false;
  return !(conditions & lt && at >= end);
}

/** Sets the time if it is allowed; one that has passed deletes the key at once. */
function setExpiry(db: Database, key: string, at: number, conditions: number): boolean {
  const record = db.get(key);
  if (record === undefined || !isAllowed(conditions, expireAtOf(record), at)) return false;
  if (at <= db.now) db.delete(key);
  else db.setExpiry(key, at);
  db.notify('generic', at <= db.now ? 'del' : 'expire', key);
  return true;
}

function expirer(name: string, unit: Unit): NonNullable<Command['run']> {
  return ({ db, reply }, argv) => {
    const conditions = parseConditions(argv);
    const at = parseTime(name, argv[2] as string, unit, db.now);
    return reply.integer(setExpiry(db, argv[1] as string, at, conditions) ? 1 : 0);
  };
}

/** `measure` turns the time of the expiry, in milliseconds since 1970, into the answer. */
function asker(measure: (at: number, now: number) => number): NonNullable<Command['run']> {
  return ({ db, reply }, argv) => {
    const record = db.peek(argv[1] as string)?.record;
    if (record === undefined) return reply.integer(NO_KEY);
    const at = expireAtOf(record);
    if (at === NEVER) return reply.integer(NO_EXPIRY);
    return reply.integer(measure(at, db.now));
  };
}

/** As Redis rounds: half a second and more is one. */
function seconds(milliseconds: number): number {
  return Math.floor((milliseconds + SECOND / 2) / SECOND);
}

function runPersist({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const key = argv[1] as string;
  const record = db.get(key);
  if (record === undefined || expireAtOf(record) === NEVER) return reply.integer(0);
  db.setExpiry(key, NEVER);
  return reply.integer(1);
}

const condition: ArgumentSpec = {
  name: 'condition',
  type: 'oneof',
  since: '7.0.0',
  flags: ['optional'],
  arguments: ['NX', 'XX', 'GT', 'LT'].map((word) => token(word)),
};

type Outline = Pick<Command, 'name' | 'summary' | 'since'>;

/** EXPIRE and its relatives differ in their unit and in where they count from. */
function setter(outline: Outline, unit: Unit): Command {
  const argument: ArgumentSpec = unit.isRelative
    ? { name: unit.milliseconds === SECOND ? 'seconds' : 'milliseconds', type: 'integer' }
    : {
        name: unit.milliseconds === SECOND ? 'unix-time-seconds' : 'unix-time-milliseconds',
        type: 'unix-time',
      };
  return {
    ...outline,
    group: 'generic',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'update']),
    history: [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']],
    arguments: [keyArgument, argument, condition],
    run: expirer(outline.name, unit),
  };
}

function getter(outline: Outline, more: Pick<Command, 'run' | 'tips' | 'history'>): Command {
  return {
    ...outline,
    ...more,
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO', 'access']),
    arguments: [keyArgument],
  };
}

const TIME_LEFT = {
  tips: ['nondeterministic_output'],
  history: [['2.8.0', 'Added the -2 reply.']],
} as const;

export const expireCommands: readonly Command[] = [
  setter(
    { name: 'expire', summary: 'Has a key expire after some seconds.', since: '1.0.0' },
    { milliseconds: SECOND, isRelative: true },
  ),
  setter(
    {
      name: 'pexpire',
      summary: 'Has a key expire after some milliseconds.',
      since: '2.6.0',
    },
    { milliseconds: 1, isRelative: true },
  ),
  setter(
    {
      name: 'expireat',
      summary: 'Has a key expire at a Unix time in seconds.',
      since: '1.2.0',
    },
    { milliseconds: SECOND, isRelative: false },
  ),
  setter(
    {
      name: 'pexpireat',
      summary: 'Has a key expire at a Unix time in milliseconds.',
      since: '2.6.0',
    },
    { milliseconds: 1, isRelative: false },
  ),
  getter(
    {
      name: 'expiretime',
      summary: 'Returns when a key expires, as a Unix time in seconds.',
      since: '7.0.0',
    },
    { run: asker(seconds) },
  ),
  getter(
    {
      name: 'pexpiretime',
      summary: 'Returns when a key expires, as a Unix time in milliseconds.',
      since: '7.0.0',
    },
    { run: asker((at) => at) },
  ),
  getter(
    {
      name: 'ttl',
      summary: 'Returns how many seconds a key has left.',
      since: '1.0.0',
    },
    { ...TIME_LEFT, run: asker((at, now) => seconds(at - now)) },
  ),
  getter(
    {
      name: 'pttl',
      summary: 'Returns how many milliseconds a key has left.',
      since: '2.6.0',
    },
    { ...TIME_LEFT, run: asker((at, now) => at - now) },
  ),
  {
    name: 'persist',
    summary: 'Has a key expire no more.',
    since: '2.2.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'update']),
    arguments: [keyArgument],
    run: runPersist,
  },
];
