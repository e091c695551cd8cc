/** What pauses of a script ask of Lua: only where a thread can yield it can be paused, and coroutines yield for themselves. */

import { type LuaState, LuaType, type NativeFunction, type Wrappers } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

export interface Pauses {
  /** The hook has paused the script, and whoever runs it has not been told yet. */
  isPausing: boolean;
  /** How many coroutines of the script itself are being run, one in the other. */
  coroutines: number;
  /** Called when the script could not be paused where it is. */
  readonly onRefused: () => void;
}

/** What the prelude calls. */
export function pauseFunctions(
  lua: LuaState,
  pauses: Pauses,
): Readonly<Record<string, NativeFunction>> {
  const { api } = lua;
  const answer = (L: Pointer, value: boolean): number => {
    api.lua_pushboolean(L, value ? 1 : 0);
    return 1;
  };
  return {
    isPausing: (L) => answer(L, pauses.isPausing),
    mayPause: (L) => answer(L, mayPause(lua, L, pauses)),
    isLuaFunction: (L) =>
      answer(L, api.lua_type(L, 1) === LuaType.function && api.lua_iscfunction(L, 1) === 0),
    enter: () => {
      pauses.coroutines++;
      return 0;
    },
    leave: () => {
      pauses.coroutines--;
      return 0;
    },
  };
}

/** Where the thread cannot yield the pause is off: the hook will try again. */
function mayPause(lua: LuaState, L: Pointer, pauses: Pauses): boolean {
  const may = lua.mayYield(L);
  if (!may) {
    pauses.isPausing = false;
    pauses.onRefused();
  }
  return may;
}

/** A script runs in a thread of Lua, but in none of its own coroutines, and has nobody to yield to. */
export function pausingCoroutines(lua: LuaState, pauses: Pauses): Wrappers {
  const refuse = (L: Pointer): void => {
    lua.raisePlain(L, 'attempt to yield across metamethod/C-call boundary');
  };
  return {
    running: (original) => (L) => {
      if (pauses.coroutines > 0) return original(L);
      lua.api.lua_pushnil(L);
      return 1;
    },
    yield: (original) => (L) => {
      if (!pauses.isPausing && pauses.coroutines === 0) refuse(L);
      return original(L);
    },
  };
}
