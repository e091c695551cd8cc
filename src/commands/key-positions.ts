/** Where the keys of a request stand: redis.io/docs/latest/develop/reference/key-specs. */

import { smallInteger } from '../base/integer.js';
import type { Argument } from '../base/large-string.js';
import type { Command, KeyReference, KeySpec } from './spec.js';

/** The first, the last and the distance of a command's keys, as in COMMAND INFO; a negative last counts from the end. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** The range does not tell all keys. */
  readonly incomplete: boolean;
}

const NO_KEYS: KeyRange = { first: 0, last: 0, step: 0, incomplete: false };

interface PlainRange {
  readonly first: number;
  /** As in the key spec: relative to first, or to the end if it is negative. */
  readonly last: number;
  readonly step: number;
}

/** The one range that old clients know, from the specs, as Redis computes it. */
export function keyRangeOf(specs: readonly KeySpec[]): KeyRange {
  const [only] = specs;
  if (only === undefined) return NO_KEYS;
  const plain = plainRange(only);
  if (specs.length > 1) return joinRanges(specs);
  if (plain === undefined) return { ...NO_KEYS, incomplete: true };
  return { ...absolute(plain), incomplete: only.flags.includes('incomplete') };
}

function plainRange({ begin, find }: KeySpec): PlainRange | undefined {
  if (!('index' in begin) || !('range' in find)) return undefined;
  return { first: begin.index, last: find.range.lastKey, step: find.range.step };
}

function absolute({ first, last, step }: PlainRange): PlainRange {
  return { first, last: last >= 0 ? first + last : last, step };
}

/** Ranges that follow one another without a gap make one; others are left out, and the result is incomplete. */
function joinRanges(specs: readonly KeySpec[]): KeyRange {
  let joined: PlainRange | undefined;
  let incomplete = false;
  for (const spec of specs) {
    const plain = plainRange(spec);
    if (plain === undefined || plain.step !== 1 || (joined && joined.last !== plain.first - 1)) {
      incomplete = true;
      continue;
    }
    incomplete ||= spec.flags.includes('incomplete');
    joined = { ...absolute(plain), first: joined?.first ?? plain.first };
  }
  return joined === undefined ? { ...NO_KEYS, incomplete } : { ...joined, incomplete };
}

/** The keys of a request of the command; undefined if the arguments cannot be right. */
export function findKeys(
  command: Command,
  argv: readonly Argument[],
): readonly KeyReference[] | undefined {
  const specs = command.keys ?? [];
  const useSpecs = command.findKeys === undefined || areReliable(specs);
  const found = useSpecs ? keysBySpecs(specs, argv) : undefined;
  return found ?? command.findKeys?.(argv);
}

function areReliable(specs: readonly KeySpec[]): boolean {
  const isVague = ({ flags, begin }: KeySpec): boolean =>
    flags.includes('variable_flags') || 'unknown' in begin;
  return specs.length > 0 && !specs.some(isVague);
}

function keysBySpecs(
  specs: readonly KeySpec[],
  argv: readonly Argument[],
): readonly KeyReference[] | undefined {
  const keys: KeyReference[] = [];
  for (const spec of specs) {
    if (spec.flags.includes('not_key')) continue;
    const begin = beginOf(spec, argv);
    if (begin === undefined) continue;
    const range = rangeOf(spec, begin, argv);
    if (range === undefined || range.last >= argv.length || range.last < range.first)
      return undefined;
    for (let position = range.first; position <= range.last; position += range.step) {
      keys.push({ position, flags: spec.flags });
    }
    if (spec.flags.includes('incomplete')) return undefined;
  }
  return keys;
}

/** undefined: the keyword is not there, or nobody knows. */
function beginOf({ begin }: KeySpec, argv: readonly Argument[]): number | undefined {
  if ('index' in begin) return begin.index;
  if ('unknown' in begin) return undefined;
  const { keyword, startFrom } = begin;
  const backward = startFrom < 0;
  const start = backward ? argv.length + startFrom : startFrom;
  const end = backward ? 1 : argv.length - 1;
  const step = start <= end ? 1 : -1;
  for (let i = start; i !== end && i >= 1 && i < argv.length; i += step) {
    if (textAt(argv, i).toLowerCase() === keyword.toLowerCase()) return i + 1;
  }
  return undefined;
}

function rangeOf(
  { find }: KeySpec,
  begin: number,
  argv: readonly Argument[],
): PlainRange | undefined {
  if ('range' in find) {
    const { lastKey, step, limit } = find.range;
    if (lastKey >= 0) return { first: begin, last: begin + lastKey, step };
    const end = limit === 0 ? argv.length : begin + Math.trunc((argv.length - begin) / limit);
    return { first: begin, last: end + lastKey, step };
  }
  if ('unknown' in find) return undefined;
  const { keyNumIndex, firstKey, step } = find.keyNum;
  const count = smallInteger(textAt(argv, begin + keyNumIndex));
  if (count === undefined || count < 0) return undefined;
  const first = begin + firstKey;
  return { first, last: first + count - 1, step };
}

function textAt(argv: readonly Argument[], index: number): string {
  const argument = argv[index];
  return typeof argument === 'string' ? argument : '';
}
