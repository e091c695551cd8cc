/** What the arguments of sorted set commands have in common. */

import { parseDouble, readDouble } from '../../base/double.js';
import type { LexBound } from '../../types/sorted-set/lex.js';
import type { Interval, ScoreBound } from '../../types/sorted-set/range.js';
import type { ListpackLimits } from '../../types/sorted-set/sorted-set.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { token } from '../key-specs.js';
import type { ArgumentSpec } from '../spec.js';

/** @throws CommandError with `error` */
export function parseScore(text: string, error: string = errors.notFloat): number {
  return parseDouble(text) ?? fail(error);
}

/** `5`, `(5`, `-inf` …: like C's strtod, with blanks before it, and nothing is 0. */
function parseScoreBound(text: string): ScoreBound {
  const exclusive = text.startsWith('(');
  const number = (exclusive ? text.slice(1) : text).replace(/^[ \t-\r]+/, '');
  const score = number === '' ? 0 : readDouble(number);
  return score === undefined ? fail('ERR min or max is not a float') : { score, exclusive };
}

export function parseScoreInterval(min: string, max: string): Interval<ScoreBound> {
  return { min: parseScoreBound(min), max: parseScoreBound(max) };
}

/** `[member`, `(member`, `-` or `+`. */
function parseLexBound(text: string): LexBound {
  if (text === '-') return 'lowest';
  if (text === '+') return 'highest';
  const mark = text[0];
  if (mark !== '[' && mark !== '(') return fail('ERR min or max not valid string range item');
  return { member: text.slice(1), exclusive: mark === '(' };
}

export function parseLexInterval(min: string, max: string): Interval<LexBound> {
  return { min: parseLexBound(min), max: parseLexBound(max) };
}

/** Up to which size Redis would keep a listpack, as configured. */
export function listpackLimits({ server }: CommandContext): ListpackLimits {
  const { zsetMaxListpackEntries, zsetMaxListpackValue } = server.config.values.redis;
  return { entries: zsetMaxListpackEntries, memberBytes: zsetMaxListpackValue };
}

export const memberArgument: ArgumentSpec = { name: 'member', type: 'string' };
export const membersArgument: ArgumentSpec = { ...memberArgument, flags: ['multiple'] };
export const withScoresArgument: ArgumentSpec = { ...token('WITHSCORES'), flags: ['optional'] };

/** Two arguments of one type. */
export function pairArguments(
  type: 'double' | 'string' | 'integer',
  first: string,
  second: string,
): readonly ArgumentSpec[] {
  return [
    { name: first, type },
    { name: second, type },
  ];
}

export function oneOfTokens(name: string, ...words: readonly string[]): ArgumentSpec {
  return { name, type: 'oneof', arguments: words.map((word) => token(word)) };
}
