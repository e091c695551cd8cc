/** The library `cjson`. Source: the manual of lua-cjson 2.1 and the behaviour of the one in Redis. */

import { JsonReader } from './json-reader.js';
import { JsonWriter } from './json-writer.js';
import { GLOBALS, type LuaState } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** What a script sets for all that follow it. */
export interface JsonSettings {
  /** What an array of numbered places, most of them empty, becomes: an error, or an object. */
  sparseConverts: boolean;
  /** An array is sparse if its largest place is more than so many times the number of elements, */
  sparseRatio: number;
  /** and more than this. */
  sparseSafe: number;
  encodeDepth: number;
  decodeDepth: number;
  /** Significant digits of numbers. */
  precision: number;
  encodeInvalid: 'error' | 'null' | 'number';
  decodeInvalid: boolean;
  keepBuffer: boolean;
}

type FlagSetting = 'sparseConverts' | 'decodeInvalid' | 'keepBuffer';
type CountSetting = 'sparseRatio' | 'sparseSafe' | 'encodeDepth' | 'decodeDepth' | 'precision';

function defaults(): JsonSettings {
  return {
    sparseConverts: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepth: 1000,
    decodeDepth: 1000,
    precision: 14,
    encodeInvalid: 'error',
    decodeInvalid: true,
    keepBuffer: true,
  };
}

const INT_MAX = 2_147_483_647;

export function addJsonLibrary(lua: LuaState): void {
  pushJson(lua, lua.main);
  lua.api.lua_setfield(lua.main, GLOBALS, lua.name('cjson'));
}

/** A library with settings of its own. */
function pushJson(lua: LuaState, L: Pointer): void {
  const { api } = lua;
  const settings = defaults();
  api.lua_createtable(L, 0, 16);
  lua.setFunctions(L, {
    encode: (thread) => {
      if (api.lua_gettop(thread) !== 1) lua.argumentError(thread, 1, 'expected 1 argument');
      lua.pushText(thread, new JsonWriter(lua, thread, settings).write());
      return 1;
    },
    decode: (thread) => {
      if (api.lua_gettop(thread) !== 1) lua.argumentError(thread, 1, 'expected 1 argument');
      new JsonReader(lua, thread, settings).read();
      return 1;
    },
    new: (thread) => {
      pushJson(lua, thread);
      return 1;
    },
    ...settingFunctions(lua, settings),
  });
  api.lua_pushlightuserdata(L, 0);
  api.lua_setfield(L, -2, lua.name('null'));
  lua.pushText(L, 'cjson');
  api.lua_setfield(L, -2, lua.name('_NAME'));
  lua.pushText(L, '2.1.0');
  api.lua_setfield(L, -2, lua.name('_VERSION'));
}

function settingFunctions(lua: LuaState, settings: JsonSettings) {
  const { api } = lua;
  const flag = (L: Pointer, index: number, name: FlagSetting): void => {
    if (api.lua_type(L, index) > 0) settings[name] = api.lua_toboolean(L, index) === 1;
  };
  const count = (L: Pointer, index: number, least: number, name: CountSetting): void => {
    if (api.lua_type(L, index) <= 0) return;
    const value = Math.trunc(api.luaL_checknumber(L, index));
    if (value < least || value > INT_MAX) {
      lua.argumentError(L, index, `expected integer between ${least} and ${INT_MAX}`);
    }
    settings[name] = value;
  };
  const number = (L: Pointer, value: number): number => {
    api.lua_pushnumber(L, value);
    return 1;
  };
  const boolean = (L: Pointer, value: boolean): number => {
    api.lua_pushboolean(L, value ? 1 : 0);
    return 1;
  };
  return {
    encode_sparse_array: (L: Pointer) => {
      flag(L, 1, 'sparseConverts');
      count(L, 2, 0, 'sparseRatio');
      count(L, 3, 0, 'sparseSafe');
      boolean(L, settings.sparseConverts);
      number(L, settings.sparseRatio);
      number(L, settings.sparseSafe);
      return 3;
    },
    encode_max_depth: (L: Pointer) => {
      count(L, 1, 1, 'encodeDepth');
      return number(L, settings.encodeDepth);
    },
    decode_max_depth: (L: Pointer) => {
      count(L, 1, 1, 'decodeDepth');
      return number(L, settings.decodeDepth);
    },
    encode_number_precision: (L: Pointer) => {
      count(L, 1, 1, 'precision');
      settings.precision = Math.min(settings.precision, 14);
      return number(L, settings.precision);
    },
    encode_keep_buffer: (L: Pointer) => {
      flag(L, 1, 'keepBuffer');
      return boolean(L, settings.keepBuffer);
    },
    encode_invalid_numbers: (L: Pointer) => {
      if (api.lua_type(L, 1) > 0) settings.encodeInvalid = invalidFrom(lua, L);
      if (settings.encodeInvalid !== 'null') return boolean(L, settings.encodeInvalid === 'number');
      lua.pushText(L, 'null');
      return 1;
    },
    decode_invalid_numbers: (L: Pointer) => {
      flag(L, 1, 'decodeInvalid');
      return boolean(L, settings.decodeInvalid);
    },
  };
}

function invalidFrom(lua: LuaState, L: Pointer): JsonSettings['encodeInvalid'] {
  if (lua.api.lua_type(L, 1) !== 1) {
    const word = lua.checkText(L, 1);
    if (word !== 'null') lua.argumentError(L, 1, `invalid option '${word.slice(0, 20)}'`);
    return 'null';
  }
  return lua.api.lua_toboolean(L, 1) === 1 ? 'number' : 'error';
}
