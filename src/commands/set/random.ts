/** Set commands that choose members by chance. */

import { INT64_MAX } from '../../base/integer.js';
import type { Reply } from '../../protocol/reply.js';
import * as set from '../../types/set/set.js';
import { parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import { checkDrawn, parseRandomCount } from '../random-count.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { setLimits } from './limits.js';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';

function pop(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  if (argv.length > 3) fail(errors.syntax);
  if (argv[2] !== undefined) return popMany(context, argv[1] as string, argv[2]);
  const entry = set.find(db, argv[1] as string);
  if (entry === undefined) return reply.nullBulk;
  return reply.bulk(set.pop(db, entry, 1, setLimits(context))[0] as string);
}

function popMany(context: CommandContext, key: string, text: string): Reply {
  const { db, reply } = context;
  const count = parseIntegerWithin(text, 0, Number(INT64_MAX), NOT_POSITIVE);
  const entry = set.find(db, key);
  if (entry === undefined || count === 0) return reply.set([]);
  const popped = set.pop(db, entry, count, setLimits(context));
  return reply.set(popped.map((member) => reply.bulk(member)));
}

function random(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  if (argv.length > 3) fail(errors.syntax);
  if (argv[2] !== undefined) return randomMany(context, argv[1] as string, argv[2]);
  const entry = set.find(db, argv[1] as string);
  if (entry === undefined) return reply.nullBulk;
  return reply.bulk(set.draw(db, entry, 1)[0] as string);
}

function randomMany({ db, reply }: CommandContext, key: string, text: string): Reply {
  const count = parseRandomCount(text, false);
  const entry = set.find(db, key);
  if (entry === undefined || count === 0) return reply.emptyArray;
  if (count > 0) return reply.bulks(set.sample(db, entry, count));
  checkDrawn(count);
  return reply.bulks(set.draw(db, entry, -count));
}

const countArgument: ArgumentSpec = { name: 'count', type: 'integer', flags: ['optional'] };

export const setRandomCommands: readonly Command[] = [
  {
    name: 'spop',
    summary: 'Removes members by chance and returns them.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N), N being the number of members removed',
    arity: -2,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'access', 'delete']),
    tips: ['nondeterministic_output'],
    history: [['3.2.0', 'Takes a count.']],
    arguments: [keyArgument, { ...countArgument, since: '3.2.0' }],
    run: pop,
  },
  {
    name: 'srandmember',
    summary: 'Returns members by chance; with a negative count one may come more than once.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N), N being the number of members returned',
    arity: -2,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output'],
    history: [['2.6.0', 'Takes a count.']],
    arguments: [keyArgument, { ...countArgument, since: '2.6.0' }],
    run: random,
  },
];
