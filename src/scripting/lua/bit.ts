/** The library `bit`: integers of 32 bits. Source: bitop.luajit.org/api.html */

import { GLOBALS, type LuaState, type NativeFunction } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** 2^52 + 2^51: a number added to it has its lowest 32 bits at the end of the sum, rounded to the nearest even. */
const ROUNDING = 6_755_399_441_055_744;
const sum = new Float64Array(1);
const halves = new Int32Array(sum.buffer);

export function addBitLibrary(lua: LuaState): void {
  const { api, main } = lua;
  api.lua_createtable(main, 0, 12);
  lua.setFunctions(main, { ...operations(lua), tohex: (L) => toHex(lua, L) });
  api.lua_setfield(main, GLOBALS, lua.name('bit'));
}

function argument(lua: LuaState, L: Pointer, index: number): number {
  sum[0] = lua.api.luaL_checknumber(L, index) + ROUNDING;
  return halves[0] as number;
}

function operations(lua: LuaState): Readonly<Record<string, NativeFunction>> {
  const { api } = lua;
  const one = (work: (a: number) => number): NativeFunction => {
    return (L) => {
      api.lua_pushnumber(L, work(argument(lua, L, 1)));
      return 1;
    };
  };
  const fold = (work: (a: number, b: number) => number): NativeFunction => {
    return (L) => {
      let result = argument(lua, L, 1);
      for (let i = api.lua_gettop(L); i > 1; i--) result = work(result, argument(lua, L, i));
      api.lua_pushnumber(L, result);
      return 1;
    };
  };
  const shift = (work: (a: number, by: number) => number): NativeFunction => {
    return (L) => {
      api.lua_pushnumber(L, work(argument(lua, L, 1), argument(lua, L, 2) & 31) | 0);
      return 1;
    };
  };
  return {
    tobit: one((a) => a),
    bnot: one((a) => ~a),
    bswap: one((a) => (a << 24) | ((a & 0xff00) << 8) | ((a >>> 8) & 0xff00) | (a >>> 24)),
    band: fold((a, b) => a & b),
    bor: fold((a, b) => a | b),
    bxor: fold((a, b) => a ^ b),
    lshift: shift((a, by) => a << by),
    rshift: shift((a, by) => a >>> by),
    arshift: shift((a, by) => a >> by),
    rol: shift((a, by) => (a << by) | (a >>> (32 - by))),
    ror: shift((a, by) => (a >>> by) | (a << (32 - by))),
  };
}

/** Hexadecimal digits, eight or as many as are asked for; capitals for a negative number of them. */
function toHex(lua: LuaState, L: Pointer): number {
  const value = argument(lua, L, 1) >>> 0;
  const asked = lua.api.lua_gettop(L) > 1 ? argument(lua, L, 2) : 8;
  const count = Math.min(Math.abs(asked), 8);
  const digits = value
    .toString(16)
    .padStart(8, '0')
    .slice(8 - count);
  lua.pushText(L, asked < 0 ? digits.toUpperCase() : digits);
  return 1;
}
