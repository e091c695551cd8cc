/** When hash fields expire: setting it, asking for it, taking it back. */

import { NEVER } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { expiries, type Outcome, persist, setExpiry } from '../../types/hash/expiry.js';
import { find } from '../../types/hash/hash.js';
import type { CommandContext } from '../context.js';
import { Condition, isAllowed } from '../generic/expire.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import {
  fieldArgument,
  fieldsArgument,
  noteOutcomes,
  parseFields,
  parseFieldTime,
  type TimeUnit,
} from './fields.js';

const NO_FIELD = -2;
const NO_EXPIRY = -1;
const SECOND = 1000;

const expireAnswers: Readonly<Record<Outcome, number>> = {
  absent: NO_FIELD,
  kept: 0,
  changed: 1,
  deleted: 2,
};

const persistAnswers: Readonly<Record<Outcome, number>> = { ...expireAnswers, kept: NO_EXPIRY };

function integers({ reply }: CommandContext, values: readonly number[]): Reply {
  return reply.array(values.map((value) => reply.integer(value)));
}

/** As in Redis, a key of another type is refused before anything else is looked at. */
function expirer(name: string, unit: TimeUnit): NonNullable<Command['run']> {
  return (context, argv) => {
    const { db } = context;
    const key = argv[1] as string;
    find(db, key);
    const at = parseFieldTime(argv[2] as string, unit, db.now, name);
    const word = (argv[3] as string).toLowerCase();
    const condition = Object.hasOwn(Condition, word)
      ? Condition[word as keyof typeof Condition]
      : 0;
    const badCount = 'ERR Parameter `numFields` should be greater than 0';
    const fields = parseFields(argv, condition === 0 ? 3 : 4, badCount);
    const allows = (current: number): boolean => isAllowed(condition, current, at);
    const outcomes = setExpiry(db, key, fields, at, allows);
    noteOutcomes(db, key, outcomes, 'hexpire');
    return integers(
      context,
      outcomes.map((outcome) => expireAnswers[outcome]),
    );
  };
}

/** `measure` turns the time, in milliseconds since 1970, into the answer. */
function asker(measure: (at: number, now: number) => number): NonNullable<Command['run']> {
  return (context, argv) => {
    const { db } = context;
    const key = argv[1] as string;
    find(db, key);
    const answers = expiries(db, key, parseFields(argv, 2)).map((at) => {
      if (at === undefined) return NO_FIELD;
      return at === NEVER ? NO_EXPIRY : measure(at, db.now);
    });
    return integers(context, answers);
  };
}

/** A field lives in the second that it still has a part of. */
function secondsUp(milliseconds: number): number {
  return Math.ceil(milliseconds / SECOND);
}

function runPersist(context: CommandContext, argv: readonly string[]): Reply {
  const { db } = context;
  const key = argv[1] as string;
  find(db, key);
  const outcomes = persist(db, key, parseFields(argv, 2));
  noteOutcomes(db, key, outcomes, 'hpersist');
  return integers(
    context,
    outcomes.map((outcome) => persistAnswers[outcome]),
  );
}

const condition: ArgumentSpec = {
  name: 'condition',
  type: 'oneof',
  flags: ['optional'],
  arguments: ['NX', 'XX', 'GT', 'LT'].map((word) => token(word)),
};

type Outline = Pick<Command, 'name' | 'summary'>;

const shared = {
  since: '7.4.0',
  group: 'hash',
  complexity: 'O(N), N being the number of fields given',
} as const satisfies Partial<Command>;

function setter(outline: Outline, argument: ArgumentSpec, unit: TimeUnit): Command {
  return {
    ...outline,
    ...shared,
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'update']),
    arguments: [keyArgument, argument, condition, fieldsArgument(fieldArgument)],
    run: expirer(outline.name, unit),
  };
}

function getter(outline: Outline, measure: (at: number, now: number) => number): Command {
  const isRelative = outline.name.endsWith('ttl');
  return {
    ...outline,
    ...shared,
    arity: -5,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO', 'access']),
    ...(isRelative && { tips: ['nondeterministic_output'] }),
    arguments: [keyArgument, fieldsArgument(fieldArgument)],
    run: asker(measure),
  };
}

export const hashExpireCommands: readonly Command[] = [
  setter(
    { name: 'hexpire', summary: 'Has fields of a hash expire after some seconds.' },
    { name: 'seconds', type: 'integer' },
    { milliseconds: SECOND, isRelative: true },
  ),
  setter(
    { name: 'hexpireat', summary: 'Has fields of a hash expire at a Unix time in seconds.' },
    { name: 'unix-time-seconds', type: 'unix-time' },
    { milliseconds: SECOND, isRelative: false },
  ),
  setter(
    { name: 'hpexpire', summary: 'Has fields of a hash expire after some milliseconds.' },
    { name: 'milliseconds', type: 'integer' },
    { milliseconds: 1, isRelative: true },
  ),
  setter(
    { name: 'hpexpireat', summary: 'Has fields of a hash expire at a Unix time in milliseconds.' },
    { name: 'unix-time-milliseconds', type: 'unix-time' },
    { milliseconds: 1, isRelative: false },
  ),
  getter(
    { name: 'hexpiretime', summary: 'Returns when fields expire, as Unix times in seconds.' },
    (at) => secondsUp(at),
  ),
  getter(
    { name: 'hpexpiretime', summary: 'Returns when fields expire, as Unix times in milliseconds.' },
    (at) => at,
  ),
  getter(
    { name: 'hpttl', summary: 'Returns how many milliseconds fields have left.' },
    (at, now) => at - now,
  ),
  getter({ name: 'httl', summary: 'Returns how many seconds fields have left.' }, (at, now) =>
    secondsUp(at - now),
  ),
  {
    ...shared,
    name: 'hpersist',
    summary: 'Has fields of a hash expire no more.',
    arity: -5,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'update']),
    arguments: [keyArgument, fieldsArgument(fieldArgument)],
    run: runPersist,
  },
];
