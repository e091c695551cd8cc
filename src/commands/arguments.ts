/** Arguments as commands read them: numbers and options, with Redis's strictness and errors. */

import { integer64 } from '../base/integer.js';
import type { Argument } from '../base/large-string.js';
import { errors, fail } from './command-error.js';

/** A signed 64-bit integer argument. @throws CommandError with `error` */
export function parseInteger64(text: string, error: string = errors.notInteger): number | bigint {
  const value = integer64(text);
  return value === undefined ? fail(error) : value;
}

/**
 * A signed 64-bit integer argument as a number: exact up to 2^53, the nearest double beyond (for counts and
 * offsets, whose effect is the same for every number that large).
 */
export function parseInteger(text: string, error: string = errors.notInteger): number {
  return Number(parseInteger64(text, error));
}

/** An integer argument between two bounds, both allowed. @throws CommandError with `error` */
export function parseIntegerWithin(
  text: string,
  least: number,
  most: number,
  error: string = errors.notInteger,
): number {
  const value = parseInteger(text, error);
  return value < least || value > most ? fail(error) : value;
}

const INT32_MAX = 0x7fff_ffff;
const INT32_MIN = -INT32_MAX - 1;

/** An integer argument that Redis keeps in 32 bits. @throws CommandError with `error`, if it is given */
export function parseInteger32(text: string, error?: string): number {
  const value = parseInteger(text, error);
  if (value >= INT32_MIN && value <= INT32_MAX) return value;
  const range = `value must between ${INT32_MIN} and ${INT32_MAX}`;
  return fail(error ?? `ERR value is out of range, ${range}`);
}

/** True if the text is the word, whatever its case. `word` is in lower case. */
export function isWord(text: string, word: string): boolean {
  return text.length === word.length && text.toLowerCase() === word;
}

/** The argument as one string: keys and options, which are hardly ever large. */
export function textArgument(argument: Argument | undefined): string {
  return typeof argument === 'string' ? argument : String(argument ?? '');
}

/** `numkeys key …` at `argv[at]`: the keys, and where the arguments go on. */
export function parseKeys(
  argv: readonly string[],
  at: number,
): { keys: readonly string[]; next: number } {
  const error = 'ERR numkeys should be greater than 0';
  const count = parseIntegerWithin(argv[at] as string, 1, Number.MAX_SAFE_INTEGER, error);
  const next = at + 1 + count;
  if (next >= argv.length) fail(errors.syntax);
  return { keys: argv.slice(at + 1, next), next };
}

/** An option that may follow the arguments proper: `NX`, `EX seconds` … */
export interface OptionSpec {
  /** Of one group only one option may be given (and that one again). */
  readonly group: string;
  /** An integer is checked at once: errors come in the order of the arguments. */
  readonly takesValue?: 'text' | 'integer';
}

export interface Option {
  readonly name: string;
  /** Empty if it takes none. */
  readonly value: string;
}

/**
 * Reads the options from `argv[from]` to the end; `specs` has their names in lower case. Returns them by group,
 * the last one given. @throws CommandError `ERR syntax error`
 */
export function parseOptions(
  argv: readonly Argument[],
  from: number,
  specs: ReadonlyMap<string, OptionSpec>,
): ReadonlyMap<string, Option> {
  const options = new Map<string, Option>();
  for (let i = from; i < argv.length; i++) {
    const name = textArgument(argv[i]).toLowerCase();
    const spec = specs.get(name) ?? fail(errors.syntax);
    const given = options.get(spec.group);
    if (given !== undefined && given.name !== name) fail(errors.syntax);
    if (spec.takesValue !== undefined && ++i >= argv.length) fail(errors.syntax);
    const value = spec.takesValue === undefined ? '' : textArgument(argv[i]);
    if (spec.takesValue === 'integer') parseInteger64(value);
    options.set(spec.group, { name, value });
  }
  return options;
}
