/** Hash commands that set or get values together with their expiry: HSETEX, HGETEX, HGETDEL. */

import { NEVER } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { persist, setExpiry } from '../../types/hash/expiry.js';
import * as hash from '../../types/hash/hash.js';
import { parseIntegerWithin } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { expiryArguments } from '../generic/expiry.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import {
  fieldArgument,
  fieldsArgument,
  noteOutcomes,
  parseFields,
  parseFieldTime,
  timeUnits,
} from './fields.js';
import { limitsOf } from './write.js';

function getAndRemove({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const key = argv[1] as string;
  hash.find(db, key);
  const fields = parseFields(argv, 2);
  const values = hash.getMany(db, key, fields);
  hash.remove(db, key, fields);
  return reply.array(values.map((value) => reply.bulkOrNull(value)));
}

function getAndExpire({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const key = argv[1] as string;
  hash.find(db, key);
  const option = (argv[2] as string).toLowerCase();
  const unit = timeUnits.get(option);
  const persists = option === 'persist';
  const fields = parseFields(argv, unit !== undefined ? 4 : persists ? 3 : 2);
  const at = unit && parseFieldTime(argv[3] as string, unit, db.now, 'hgetex');
  const values = hash.getMany(db, key, fields);
  if (at !== undefined) {
    noteOutcomes(
      db,
      key,
      setExpiry(db, key, fields, at, () => true),
      'hexpire',
    );
  } else if (persists) {
    noteOutcomes(db, key, persist(db, key, fields), 'hpersist');
  }
  return reply.array(values.map((value) => reply.bulkOrNull(value)));
}

interface SetOptions {
  condition?: 'fnx' | 'fxx';
  expireAt?: number | 'as before';
  pairs: readonly hash.Pair[];
}

/** The options come before FIELDS, each kind once at most. */
function parseSetOptions(argv: readonly string[], now: number): SetOptions {
  const options: SetOptions = { pairs: [] };
  for (let i = 2; i < argv.length; i++) {
    const word = (argv[i] as string).toLowerCase();
    const unit = timeUnits.get(word);
    if (word === 'fields') return { ...options, pairs: parsePairs(argv, i + 1) };
    if (word === 'fnx' || word === 'fxx') {
      if (options.condition) fail('ERR Only one of FXX or FNX arguments can be specified');
      options.condition = word;
    } else if (word === 'keepttl' || unit !== undefined) {
      if (options.expireAt !== undefined) {
        fail('ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified');
      }
      const text = unit === undefined ? '' : (argv[++i] ?? fail('ERR missing expire time'));
      options.expireAt =
        unit === undefined ? 'as before' : parseFieldTime(text, unit, now, 'hsetex');
    } else {
      fail(`ERR unknown argument: ${argv[i]}`);
    }
  }
  return fail('ERR wrong number of arguments');
}

function parsePairs(argv: readonly string[], at: number): hash.Pair[] {
  const count = parseIntegerWithin(argv[at] ?? '', 1, 0x7fff_ffff, 'ERR invalid number of fields');
  if (argv.length - at - 1 !== count * 2) fail('ERR wrong number of arguments');
  const pairs: hash.Pair[] = [];
  for (let i = at + 1; i < argv.length; i += 2) {
    pairs.push([argv[i] as string, argv[i + 1] as string]);
  }
  return pairs;
}

function setAndExpire(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const key = argv[1] as string;
  const { condition, expireAt = NEVER, pairs } = parseSetOptions(argv, db.now);
  const fields = pairs.map(([field]) => field);
  const found = hash.getMany(db, key, fields);
  const mayBe = condition === 'fxx';
  if (condition && found.some((value) => (value !== undefined) !== mayBe)) return reply.integer(0);
  const isPast = expireAt !== 'as before' && expireAt !== NEVER && expireAt <= db.now;
  if (isPast) {
    if (hash.remove(db, key, fields) > 0) noteOutcomes(db, key, ['deleted'], 'hexpire');
    return reply.integer(1);
  }
  hash.setMany(db, key, pairs, limitsOf(context), expireAt);
  db.notify('hash', 'hset', key);
  if (expireAt !== 'as before' && expireAt !== NEVER) db.notify('hash', 'hexpire', key);
  return reply.integer(1);
}

const shared = {
  since: '8.0.0',
  group: 'hash',
  complexity: 'O(N), N being the number of fields given',
} as const satisfies Partial<Command>;

export const hashTimedCommands: readonly Command[] = [
  {
    ...shared,
    name: 'hgetdel',
    summary: 'Returns the values of fields and removes them.',
    arity: -5,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'access', 'delete']),
    arguments: [keyArgument, fieldsArgument(fieldArgument)],
    run: getAndRemove,
  },
  {
    ...shared,
    name: 'hgetex',
    summary: 'Returns the values of fields, and sets when they expire.',
    arity: -5,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'access', 'update']),
    arguments: [
      keyArgument,
      {
        name: 'expiration',
        type: 'oneof',
        flags: ['optional'],
        arguments: [...expiryArguments(false), token('PERSIST')],
      },
      fieldsArgument(fieldArgument),
    ],
    run: getAndExpire,
  },
  {
    ...shared,
    name: 'hsetex',
    summary: 'Sets fields to values, and when they expire; can be made conditional.',
    arity: -6,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'update']),
    arguments: [
      keyArgument,
      {
        name: 'condition',
        type: 'oneof',
        flags: ['optional'],
        arguments: [token('FNX'), token('FXX')],
      },
      {
        name: 'expiration',
        type: 'oneof',
        flags: ['optional'],
        arguments: [...expiryArguments(false), token('KEEPTTL')],
      },
      fieldsArgument(fieldArgument, { name: 'value', type: 'string' }),
    ],
    run: setAndExpire,
  },
];
