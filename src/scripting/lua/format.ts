/** string.format of integers: C's own has 32 bits for them here, where scripts expect 64. */

import { type LuaState, LuaType, type NativeFunction, type Wrappers } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

const SPECIFICATION = /%([-+ #0]*)(\d*)(?:(\.)(\d*))?([a-zA-Z%])/g;
const INTEGERS: ReadonlySet<string> = new Set('diouxX');
const BASES: Readonly<Record<string, number>> = { o: 8, x: 16, X: 16 };
const PREFIXES: Readonly<Record<string, string>> = { o: '0', x: '0x', X: '0X' };
/** C converts a negative number to an unsigned one only with 64 bits. */
const UNSIGNED = /%[-+ #0\d.]*[ouxX]/;
const SMALL = 2 ** 31;

export function formatIntegers(lua: LuaState): Wrappers {
  return { format: (original) => (L) => format(lua, L, original) };
}

/** Integers that C cannot format are replaced by their text before the rest is left to it. */
function format(lua: LuaState, L: Pointer, original: NativeFunction): number {
  const { api } = lua;
  if (!hasLarge(lua, L)) return original(L);
  let argument = 1;
  const text = lua
    .text(L, 1)
    .replace(SPECIFICATION, (all, flags, width, point, precision, kind) => {
      if (kind === '%') return all;
      argument++;
      if (!INTEGERS.has(kind) || !isNumber(lua, L, argument)) return all;
      // C says what is wrong with it.
      if (width.length > 2 || precision?.length > 2 || /(.).*\1/.test(flags)) return all;
      const value = api.lua_tonumber(L, argument);
      const digits = point === undefined ? undefined : Number(precision);
      lua.pushText(L, formatInteger(value, { flags, width: Number(width), digits, kind }));
      api.lua_replace(L, argument);
      return '%s';
    });
  lua.pushText(L, text);
  api.lua_replace(L, 1);
  return original(L);
}

function template(lua: LuaState, L: Pointer): string {
  return lua.api.lua_type(L, 1) === LuaType.string ? lua.text(L, 1) : '';
}

function hasLarge(lua: LuaState, L: Pointer): boolean {
  const { api } = lua;
  for (let index = api.lua_gettop(L); index > 1; index--) {
    if (!isNumber(lua, L, index)) continue;
    const value = api.lua_tonumber(L, index);
    const isSmall =
      value > -SMALL && value < SMALL && (value >= 0 || !UNSIGNED.test(template(lua, L)));
    if (!isSmall) return api.lua_type(L, 1) === LuaType.string;
  }
  return false;
}

/** Or text that is one. */
function isNumber(lua: LuaState, L: Pointer, index: number): boolean {
  return lua.api.lua_isnumber(L, index) === 1;
}

interface Form {
  readonly flags: string;
  readonly width: number;
  readonly digits: number | undefined;
  readonly kind: string;
}

function formatInteger(value: number, { flags, width, digits, kind }: Form): string {
  const isSigned = kind === 'd' || kind === 'i';
  const whole = BigInt.asIntN(64, toInteger(value));
  const shown = isSigned ? whole : BigInt.asUintN(64, whole);
  const size = shown < 0n ? -shown : shown;
  const isNothing = size === 0n && digits === 0;
  let text = isNothing ? '' : size.toString(BASES[kind] ?? 10).padStart(digits ?? 1, '0');
  if (kind === 'X') text = text.toUpperCase();
  const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  let sign = isSigned ? (shown < 0n ? '-' : plus) : '';
  if (flags.includes('#') && size !== 0n) sign = PREFIXES[kind] ?? sign;
  if (flags.includes('-')) return (sign + text).padEnd(width);
  if (flags.includes('0') && digits === undefined) text = text.padStart(width - sign.length, '0');
  return (sign + text).padStart(width);
}

/** As a processor converts: what is out of range is the least integer. */
function toInteger(value: number): bigint {
  const LEAST = -(2n ** 63n);
  return Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : LEAST;
}
