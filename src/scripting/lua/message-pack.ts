/** The library `cmsgpack`. Source: the MessagePack specification and the behaviour of the one in Redis. */

import { GLOBALS, type LuaState, type NativeFunction } from './lua-state.js';
import { MessagePackReader } from './message-pack-reader.js';
import { MessagePackWriter } from './message-pack-writer.js';
import type { Pointer } from './wasm-module.js';

export function addMessagePackLibrary(lua: LuaState): void {
  const { api, main } = lua;
  api.lua_createtable(main, 0, 8);
  lua.setFunctions(main, functions(lua));
  for (const [name, value] of [
    ['_NAME', 'cmsgpack'],
    ['_VERSION', 'lua-cmsgpack 0.4.0'],
    ['_COPYRIGHT', 'Copyright (C) 2012, Salvatore Sanfilippo'],
    ['_DESCRIPTION', 'MessagePack C implementation for Lua'],
  ] as const) {
    lua.pushText(main, value);
    api.lua_setfield(main, -2, lua.name(name));
  }
  api.lua_setfield(main, GLOBALS, lua.name('cmsgpack'));
}

function functions(lua: LuaState): Readonly<Record<string, NativeFunction>> {
  const { api } = lua;
  return {
    pack: (L) => {
      if (api.lua_gettop(L) === 0) lua.argumentError(L, 0, 'MessagePack pack needs input.');
      lua.pushText(L, new MessagePackWriter(lua, L).write());
      return 1;
    },
    unpack: (L) => unpack(lua, L, { limit: 0, offset: 0 }),
    unpack_one: (L) => {
      const offset = lua.optionalInteger(L, 2) ?? 0;
      return unpack(lua, L, { limit: 1, offset });
    },
    unpack_limit: (L) => {
      const limit = Math.trunc(api.luaL_checknumber(L, 2));
      const offset = lua.optionalInteger(L, 3) ?? 0;
      return unpack(lua, L, { limit, offset });
    },
  };
}

/** All of it with 0 and 0; else where it ended comes before the values: -1 at the end of the text. */
interface Part {
  /** Values at most. */
  readonly limit: number;
  readonly offset: number;
}

function unpack(lua: LuaState, L: Pointer, { limit, offset }: Part): number {
  const { api } = lua;
  const text = lua.checkText(L, 1);
  if (offset < 0 || limit < 0) {
    lua.raise(L, `Invalid request to unpack with offset of ${offset} and limit of ${text.length}.`);
  }
  if (offset > text.length) {
    lua.raise(L, `Start offset ${offset} greater than input length ${text.length}.`);
  }
  const reader = new MessagePackReader(lua, L, text, offset);
  const isWhole = limit === 0 && offset === 0;
  const most = isWhole ? Number.POSITIVE_INFINITY : limit;
  if (!isWhole) api.lua_pushnil(L);
  const place = api.lua_gettop(L);
  let count = 0;
  for (; count < most && !reader.isAtEnd; count++) reader.read(0);
  if (isWhole) return count;
  api.lua_pushnumber(L, reader.isAtEnd ? -1 : reader.at);
  api.lua_replace(L, place);
  return count + 1;
}
