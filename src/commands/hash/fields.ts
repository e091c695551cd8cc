/** Arguments that the commands for the expiry of hash fields share. */

import type { Database } from '../../keyspace/database.js';
import type { Outcome } from '../../types/hash/expiry.js';
import { isWord, parseInteger64, parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { ArgumentSpec } from '../spec.js';

/** The latest time that Redis keeps for a field, in milliseconds since 1970. */
const LATEST = 70_368_744_177_663;
/** As much in the past as 1970, which stands for never. */
const EARLIEST = 1;
const MILLISECONDS = { milliseconds: 1, isRelative: true } as const;
const SECONDS = { milliseconds: 1000, isRelative: true } as const;

/** How a command or option counts time. */
export interface TimeUnit {
  readonly milliseconds: number;
  /** From now, or from 1970. */
  readonly isRelative: boolean;
}

/** Tells what became of fields: `event` of those whose time was changed. */
export function noteOutcomes(
  db: Database,
  key: string,
  outcomes: readonly Outcome[],
  event: 'hexpire' | 'hpersist',
): void {
  if (outcomes.includes('changed')) db.notify('hash', event, key);
  if (!outcomes.includes('deleted')) return;
  db.notify('hash', 'hdel', key);
  if (db.get(key) === undefined) db.notify('generic', 'del', key);
}

/** The options that say when fields expire, by name. */
export const timeUnits: ReadonlyMap<string, TimeUnit> = new Map<string, TimeUnit>([
  ['ex', SECONDS],
  ['px', MILLISECONDS],
  ['exat', { ...SECONDS, isRelative: false }],
  ['pxat', { ...MILLISECONDS, isRelative: false }],
]);

/** Milliseconds since 1970. @throws CommandError */
export function parseFieldTime(
  text: string,
  { milliseconds, isRelative }: TimeUnit,
  now: number,
  command: string,
): number {
  const given = Number(parseInteger64(text, errors.notInteger));
  if (given < 0) fail('ERR invalid expire time, must be >= 0');
  const at = given * milliseconds + (isRelative ? now : 0);
  if (at > LATEST) fail(`ERR invalid expire time in '${command}' command`);
  return Math.max(at, EARLIEST);
}

/** The fields after `FIELDS numfields` at `argv[at]`. @throws CommandError, with `badCount` for such a number */
export function parseFields(
  argv: readonly string[],
  at: number,
  badCount = 'ERR Number of fields must be a positive integer',
): readonly string[] {
  if (!isWord(argv[at] ?? '', 'fields')) {
    fail('ERR Mandatory argument FIELDS is missing or not at the right position');
  }
  const count = parseIntegerWithin(argv[at + 1] ?? '', 1, Number.POSITIVE_INFINITY, badCount);
  const fields = argv.slice(at + 2);
  if (fields.length !== count) {
    fail('ERR The `numfields` parameter must match the number of arguments');
  }
  return fields;
}

/** `FIELDS numfields` and what is counted, for the command table. */
export function fieldsArgument(...counted: readonly ArgumentSpec[]): ArgumentSpec {
  const [one] = counted;
  const list: ArgumentSpec =
    one !== undefined && counted.length === 1
      ? { ...one, flags: ['multiple'] }
      : { name: 'data', type: 'block', flags: ['multiple'], arguments: counted };
  return {
    name: 'fields',
    type: 'block',
    token: 'FIELDS',
    arguments: [{ name: 'numfields', type: 'integer' }, list],
  };
}

export const fieldArgument: ArgumentSpec = { name: 'field', type: 'string' };
