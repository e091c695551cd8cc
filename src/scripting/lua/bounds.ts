/** Functions of Lua whose arguments could make the server do what it must not, or for too long. */

import { type LuaState, LuaType, type NativeFunction, type Wrappers } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** More values than this have no room on a stack. */
const RESULTS_MAX = 1_000_000;
const MOVES_MAX = 10_000_000;
/** What byte code begins with. */
const BYTE_CODE = '\x1b';

/** What of collectgarbage harms nobody: the others would let memory grow until the script ends. */
const COLLECTIONS: ReadonlySet<string> = new Set(['collect', 'count', 'step']);

/** Those among the globals. */
export function boundFunctions(lua: LuaState): Wrappers {
  return {
    collectgarbage: (original) => (L) => collect(lua, L, original),
    loadstring: (original) => (L) => loadString(lua, L, original),
    unpack: (original) => (L) => unpack(lua, L, original),
  };
}

/** table.insert: a place far from all others would move nothing for as long as nobody waits. */
export function boundInsert(lua: LuaState, original: NativeFunction): NativeFunction {
  const { api } = lua;
  return (L) => {
    if (api.lua_gettop(L) === 3 && api.lua_type(L, 1) === LuaType.table) {
      const place = api.lua_tonumber(L, 2);
      if (Math.abs(place - api.lua_objlen(L, 1)) > MOVES_MAX) {
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
