/** The options that say when a key expires: EX, PX, EXAT and PXAT of SET and GETEX. */

import { INT64_MAX } from '../../base/integer.js';
import { type Option, type OptionSpec, parseInteger64 } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import type { ArgumentSpec } from '../spec.js';

interface Unit {
  readonly milliseconds: bigint;
  /** Counted from now, not from 1970. */
  readonly relative: boolean;
}

const SECONDS: Unit = { milliseconds: 1000n, relative: true };
const MILLISECONDS: Unit = { milliseconds: 1n, relative: true };

const units: Readonly<Record<string, Unit>> = {
  ex: SECONDS,
  px: MILLISECONDS,
  exat: { ...SECONDS, relative: false },
  pxat: { ...MILLISECONDS, relative: false },
};

/** For parseOptions; they exclude one another. */
export const expiryOptions: readonly (readonly [string, OptionSpec])[] = Object.keys(units).map(
  (name) => [name, { group: 'expiry', takesValue: 'text' }],
);

/** The same for COMMAND DOCS. `bySince`: they came in different versions (SET). */
export function expiryArguments(bySince: boolean): readonly ArgumentSpec[] {
  const old = bySince ? { since: '2.6.12' } : {};
  const later = bySince ? { since: '6.2.0' } : {};
  return [
    { name: 'seconds', type: 'integer', token: 'EX', ...old },
    { name: 'milliseconds', type: 'integer', token: 'PX', ...old },
    { name: 'unix-time-seconds', type: 'unix-time', token: 'EXAT', ...later },
    { name: 'unix-time-milliseconds', type: 'unix-time', token: 'PXAT', ...later },
  ];
}

/** When the option says that the key expires, in milliseconds since 1970; undefined if it is none of these. */
export function expiryOf(
  option: Option | undefined,
  context: CommandContext,
  command: string,
): number | undefined {
  const unit = option === undefined ? undefined : units[option.name];
  if (option === undefined || unit === undefined) return undefined;
  return expireAt(option.value, unit, context, command);
}

/** The same for SETEX and PSETEX, whose unit is the command's. */
export function expireAfter(
  value: string,
  unit: 'seconds' | 'milliseconds',
  context: CommandContext,
  command: string,
): number {
  return expireAt(value, unit === 'seconds' ? SECONDS : MILLISECONDS, context, command);
}

function expireAt(value: string, unit: Unit, context: CommandContext, command: string): number {
  const given = BigInt(parseInteger64(value));
  if (given <= 0n) return fail(`ERR invalid expire time in '${command}' command`);
  const at = given * unit.milliseconds + (unit.relative ? BigInt(context.db.now) : 0n);
  if (at > INT64_MAX) return fail(`ERR invalid expire time in '${command}' command`);
  return Math.min(Number(at), Number.MAX_SAFE_INTEGER);
}
