/**
 * Functions of Lua whose arguments could make the server do what it must not, or for too long; and those that take integers,
 * which have 32 bits in C here, where scripts expect 64.
 */

import {
  type LuaState,
  LuaType,
  type NativeFunction,
  type Wrapper,
  type Wrappers,
} from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** More values than this have no room on a stack. */
const RESULTS_MAX = 1_000_000;
const MOVES_MAX = 10_000_000;
const INTEGER_MAX = 2 ** 31 - 1;
const UNSIGNED_MAX = 2n ** 64n - 1n;
/** A zero ends the text, as in C. */
const NUMBER = /^[ \t-\r]*([-+]?)([0-9a-z]+)[ \t-\r]*(?:\0|$)/i;
/** What byte code begins with. */
const BYTE_CODE = '\x1b';

/** What of collectgarbage harms nobody: the others would let memory grow until the script ends. */
const COLLECTIONS: ReadonlySet<string> = new Set(['collect', 'count', 'step']);

/** Those among the globals. */
export function boundFunctions(lua: LuaState): Wrappers {
  return {
    collectgarbage: (original) => (L) => collect(lua, L, original),
    loadstring: (original) => (L) => loadString(lua, L, original),
    tonumber: (original) => (L) => toNumber(lua, L, original),
    unpack: (original) => (L) => unpack(lua, L, original),
  };
}

/** Those of strings: a place beyond all that 32 bits can tell is beyond the end of any. */
export function clampPlaces(lua: LuaState): Wrappers {
  const clamped = (...positions: readonly number[]): Wrapper => {
    return (original) => (L) => {
      for (const position of positions) clamp(lua, L, position);
      return original(L);
    };
  };
  return { byte: clamped(2, 3), find: clamped(3), gsub: clamped(4), sub: clamped(2, 3) };
}

function clamp(lua: LuaState, L: Pointer, position: number): void {
  const { api } = lua;
  if (api.lua_type(L, position) !== LuaType.number) return;
  const value = api.lua_tonumber(L, position);
  if (Math.abs(value) <= INTEGER_MAX) return;
  // What 64 bits cannot tell either is the least integer to C, infinity as well.
  const isAfter = value > 0 && value < 2 ** 63;
  api.lua_pushnumber(L, isAfter ? INTEGER_MAX : -INTEGER_MAX);
  api.lua_replace(L, position);
}

/** table.insert: a place far from all others would move nothing for as long as nobody waits. */
export function boundInsert(lua: LuaState, original: NativeFunction): NativeFunction {
  const { api } = lua;
  return (L) => {
    if (api.lua_gettop(L) === 3 && api.lua_type(L, 1) === LuaType.table) {
      const place = api.lua_tonumber(L, 2);
      if (!(Math.abs(place - api.lua_objlen(L, 1)) <= MOVES_MAX)) {
        lua.argumentError(L, 2, 'position out of bounds');
      }
    }
    return original(L);
  };
}

function collect(lua: LuaState, L: Pointer, original: NativeFunction): number {
  const { api } = lua;
  const isHarmless = api.lua_type(L, 1) <= 0 || COLLECTIONS.has(lua.text(L, 1));
  if (isHarmless) return original(L);
  api.lua_pushnumber(L, 0);
  return 1;
}

/** Byte code is taken for source, which it is not. */
function loadString(lua: LuaState, L: Pointer, original: NativeFunction): number {
  const { api } = lua;
  if (api.lua_type(L, 1) !== LuaType.string) return original(L);
  const text = lua.text(L, 1);
  if (!text.startsWith(BYTE_CODE)) return original(L);
  if (api.lua_gettop(L) === 1) api.lua_pushvalue(L, 1);
  lua.pushText(L, ` ${text}`);
  api.lua_replace(L, 1);
  return original(L);
}

/** C's own count of results is one of 32 bits, and may be less than none. */
function unpack(lua: LuaState, L: Pointer, original: NativeFunction): number {
  const { api } = lua;
  const from = api.lua_type(L, 2) <= 0 ? 1 : api.lua_tonumber(L, 2);
  const to = api.lua_type(L, 3) <= 0 ? from : api.lua_tonumber(L, 3);
  if (to - from >= RESULTS_MAX) lua.raise(L, 'too many results to unpack');
  return original(L);
}

/** With a base it reads an unsigned number of 64 bits. */
function toNumber(lua: LuaState, L: Pointer, original: NativeFunction): number {
  const { api } = lua;
  const base = api.lua_type(L, 2) <= 0 ? 10 : Math.trunc(api.lua_tonumber(L, 2));
  if (base === 10 || !(base >= 2 && base <= 36)) return original(L);
  if (api.lua_type(L, 1) !== LuaType.string) return original(L);
  const [, sign, digits = ''] = NUMBER.exec(lua.text(L, 1)) ?? [];
  const text = base === 16 ? digits.replace(/^0x(?=.)/i, '') : digits;
  const value = text === '' ? undefined : wholeOf(text, base);
  if (value === undefined) api.lua_pushnil(L);
  else api.lua_pushnumber(L, Number(BigInt.asUintN(64, sign === '-' ? -value : value)));
  return 1;
}

/** The largest of 64 bits, if it is larger. undefined: a character is no digit. */
function wholeOf(text: string, base: number): bigint | undefined {
  let value = 0n;
  for (const character of text) {
    const digit = Number.parseInt(character, 36);
    if (!(digit < base)) return undefined;
    if (value < UNSIGNED_MAX) value = value * BigInt(base) + BigInt(digit);
  }
  return value < UNSIGNED_MAX ? value : UNSIGNED_MAX;
}
