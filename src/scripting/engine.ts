/** A Lua with everything that scripts, or functions, see. It is made when it is first needed, and anew when it is spent. */

import { addLibraries } from './lua/libraries.js';
import type { LuaState } from './lua/lua-state.js';
import { GLOBALS } from './lua/lua-state.js';
import { ScriptThread } from './lua/script-thread.js';
import type { Pointer } from './lua/wasm-module.js';
import { pushRedisLibrary, type RedisLibraryParts } from './redis-library.js';
import type { ScriptServices } from './script-calls.js';

/** @throws what WebAssembly says if there is no room for it */
export function makeThread(services: ScriptServices, parts: RedisLibraryParts): ScriptThread {
  const { clock, config } = services.server;
  return new ScriptThread({
    clock,
    memoryBytes: config.values.scripting.maxScriptMemory,
    addLibraries: (lua) => {
      addLibraries(lua);
      pushRedisLibrary(lua, lua.main, parts);
      lua.api.lua_setfield(lua.main, GLOBALS, lua.name('redis'));
    },
  });
}

/** A table of strings goes on the stack. */
export function pushTexts(lua: LuaState, L: Pointer, texts: readonly string[]): void {
  lua.api.lua_createtable(L, texts.length, 0);
  for (let i = 0; i < texts.length; i++) {
    lua.pushText(L, texts[i] as string);
    lua.api.lua_rawseti(L, -2, i + 1);
  }
}
