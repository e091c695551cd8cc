/** Lua's random numbers, as POSIX's lrand48 gives them: what a script seeds is the same on every server. */

import type { LuaState, NativeFunction } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

const MULTIPLIER = 0x5_deec_e66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;
/** What stands below a seed. */
const LOW = 0x330en;
const LARGEST = 0x7fff_ffff;

export class RandomNumbers {
  #state = LOW;

  constructor() {
    this.seed(Math.random() * 2 ** 32);
  }

  /** 32 bits of the seed count. */
  seed(value: number): void {
    this.#state = (BigInt.asUintN(32, BigInt(Math.trunc(value) | 0)) << 16n) | LOW;
  }

  /** From 0 to 2^31 - 1. */
  next(): number {
    this.#state = (this.#state * MULTIPLIER + INCREMENT) & MASK;
    return Number(this.#state >> 17n);
  }

  functions(lua: LuaState): Readonly<Record<string, () => NativeFunction>> {
    return {
      random: () => (L) => this.#random(lua, L),
      randomseed: () => (L) => {
        this.seed(lua.api.luaL_checknumber(L, 1));
        return 0;
      },
    };
  }

  #random(lua: LuaState, L: Pointer): number {
    const { api } = lua;
    const fraction = (this.next() % LARGEST) / LARGEST;
    const count = api.lua_gettop(L);
    if (count === 0) {
      api.lua_pushnumber(L, fraction);
      return 1;
    }
    if (count > 2) lua.raise(L, 'wrong number of arguments');
    const first = Math.trunc(api.luaL_checknumber(L, 1));
    const [low, high] = count === 1 ? [1, first] : [first, Math.trunc(api.luaL_checknumber(L, 2))];
    if (low > high) lua.argumentError(L, count, 'interval is empty');
    api.lua_pushnumber(L, Math.floor(fraction * (high - low + 1)) + low);
    return 1;
  }
}
