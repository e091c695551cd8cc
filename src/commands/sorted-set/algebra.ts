/** ZUNION, ZINTER, ZDIFF, what stores their results, and ZINTERCARD. */

import type { Reply } from '../../protocol/reply.js';
import {
  type Aggregate,
  difference,
  findOperand,
  intersection,
  intersectionCount,
  type Operand,
  store,
  union,
  type WeightedOperand,
} from '../../types/sorted-set/algebra.js';
import type { ScoredMember } from '../../types/sorted-set/sorted-set.js';
import { isWord, parseInteger, parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { listpackLimits, parseScore } from './arguments.js';
import { membersReply } from './reply.js';

export type Operation = 'union' | 'inter' | 'diff';

interface Options {
  weights: readonly number[];
  aggregate: Aggregate;
  withScores: boolean;
}

interface Keys {
  readonly keys: readonly string[];
  /** Where the options begin. */
  readonly next: number;
}

/** `numkeys key …` at `argv[at]`. */
function parseOperandKeys(argv: readonly string[], at: number): Keys {
  const count = parseInteger(argv[at] as string);
  const name = (argv[0] as string).toLowerCase();
  if (count < 1) fail(`ERR at least 1 input key is needed for '${name}' command`);
  const next = at + 1 + count;
  if (next > argv.length) fail(errors.syntax);
  return { keys: argv.slice(at + 1, next), next };
}

/** Types are checked before options, as in Redis. */
function operandsAt({ db }: CommandContext, keys: readonly string[]): (Operand | undefined)[] {
  return keys.map((key) => findOperand(db, key));
}

/** The options from `argv[from]` on of an operation on so many keys. */
function parseOptions(
  argv: readonly string[],
  from: number,
  count: number,
  allowed: { readonly weights: boolean; readonly scores: boolean },
): Options {
  const options: Options = { weights: [], aggregate: 'sum', withScores: false };
  for (let i = from; i < argv.length; i++) {
    const word = (argv[i] as string).toLowerCase();
    const left = argv.length - i - 1;
    if (word === 'weights' && allowed.weights && left >= count) {
      const texts = argv.slice(i + 1, i + 1 + count);
      options.weights = texts.map((text) => parseScore(text, 'ERR weight value is not a float'));
      i += count;
    } else if (word === 'aggregate' && allowed.weights && left >= 1) {
      options.aggregate = parseAggregate(argv[++i] as string);
    } else if (word === 'withscores' && allowed.scores) options.withScores = true;
    else fail(errors.syntax);
  }
  return options;
}

function parseAggregate(text: string): Aggregate {
  const word = text.toLowerCase();
  return word === 'sum' || word === 'min' || word === 'max' ? word : fail(errors.syntax);
}

function combine(
  operation: Operation,
  operands: readonly (Operand | undefined)[],
  { weights, aggregate }: Pick<Options, 'weights' | 'aggregate'>,
): ScoredMember[] {
  if (operation === 'diff') {
    const [first, ...others] = operands;
    return first === undefined ? [] : difference(first, others.filter(isPresent));
  }
  const weighted = operands.map((operand, i) => ({ operand, weight: weights[i] ?? 1 }));
  const present = weighted.filter((one): one is WeightedOperand => one.operand !== undefined);
  if (operation === 'union') return union(present, aggregate);
  return present.length < operands.length ? [] : intersection(present, aggregate);
}

function isPresent(operand: Operand | undefined): operand is Operand {
  return operand !== undefined;
}

/** ZUNION, ZINTER or ZDIFF. */
export function answer(operation: Operation) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const { keys, next } = parseOperandKeys(argv, 1);
    const operands = operandsAt(context, keys);
    const allowed = { weights: operation !== 'diff', scores: true };
    const options = parseOptions(argv, next, keys.length, allowed);
    return membersReply(context, combine(operation, operands, options), options.withScores);
  };
}

/** ZUNIONSTORE, ZINTERSTORE or ZDIFFSTORE. */
export function answerAndStore(operation: Operation) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const { keys, next } = parseOperandKeys(argv, 2);
    const operands = operandsAt(context, keys);
    const allowed = { weights: operation !== 'diff', scores: false };
    const found = combine(operation, operands, parseOptions(argv, next, keys.length, allowed));
    store(context.db, argv[1] as string, found, listpackLimits(context));
    return context.reply.integer(found.length);
  };
}

/** ZINTERCARD: LIMIT 0 is none. */
export function countIntersection(context: CommandContext, argv: readonly string[]): Reply {
  const { keys, next } = parseOperandKeys(argv, 1);
  const operands = operandsAt(context, keys);
  let limit = 0;
  for (let i = next; i < argv.length; i += 2) {
    const value = argv[i + 1];
    if (!isWord(argv[i] as string, 'limit') || value === undefined) return fail(errors.syntax);
    limit = parseIntegerWithin(value, 0, Number.POSITIVE_INFINITY, "ERR LIMIT can't be negative");
  }
  const present = operands.filter(isPresent);
  if (present.length < operands.length) return context.reply.integer(0);
  const most = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  return context.reply.integer(intersectionCount(present, most));
}
