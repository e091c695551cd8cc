/**
 * Lua's patterns backtrack, and nothing can interrupt them from within: a short one can take longer than anybody
 * lives. One that might is run under a watch from outside, which ends it when its time is up.
 */

import { type Context, createContext, Script } from 'node:vm';
import {
  ALL_RESULTS,
  type LuaState,
  LuaType,
  type NativeFunction,
  type Wrappers,
} from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** Steps that a match may take at most to be left alone: about as many as a second has. */
const STEPS_MAX = 1e8;
/** The time of one that may take more, in milliseconds. */
const TIME_MS_MAX = 1000;

/** Thrown through Lua, whose state is then of no more use. */
export class Abandoned extends Error {
  /** What the script's client is told. */
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

let context: Context | undefined;
let watched: (() => number) | undefined;
const CALL = new Script('call()');

export function guardPatterns(lua: LuaState): Wrappers {
  const guard = (original: NativeFunction): NativeFunction => {
    return (L) => (isCheap(lua, L) ? original(L) : runWatched(() => original(L)));
  };
  const { api } = lua;
  // What gmatch returns, watched each time that it is called.
  const iterate: NativeFunction = (L) => {
    lua.pushUpvalue(L);
    api.lua_insert(L, 1);
    return runWatched(() => {
      api.lua_call(L, api.lua_gettop(L) - 1, ALL_RESULTS);
      return api.lua_gettop(L);
    });
  };
  const watchIterator = (L: Pointer, original: NativeFunction): number => {
    original(L);
    lua.pushClosure(L, iterate);
    return 1;
  };
  return {
    find: guard,
    match: guard,
    gsub: guard,
    gmatch: (original) => (L) => (isCheap(lua, L) ? original(L) : watchIterator(L, original)),
    rep: (original) => (L) => {
      const bytes = api.lua_objlen(L, 1) * api.lua_tonumber(L, 2);
      if (bytes > lua.memoryLimit) lua.raise(L, 'not enough memory');
      return original(L);
    },
  };
}

/** An item that repeats may try every length at every place: the steps are a power of the subject's length. */
function isCheap(lua: LuaState, L: Pointer): boolean {
  const { api } = lua;
  const length = api.lua_objlen(L, 1);
  if (length < 16 || api.lua_type(L, 2) !== LuaType.string) return true;
  const { bytes } = lua;
  const from = lua.textPlace(L, 2);
  const to = from + api.lua_objlen(L, 2);
  let steps = bytes[from] === 0x5e ? 1 : length;
  for (let at = from; at < to; at++) {
    if (REPEATS.has(bytes[at] as number)) steps *= length;
  }
  return steps <= STEPS_MAX;
}

/** `*`, `+`, `-` and `?`, quoted or not. */
const REPEATS: ReadonlySet<number> = new Set([...'*+-?'].map((mark) => mark.charCodeAt(0)));

function runWatched(call: () => number): number {
  context ??= createContext({ call: () => watched?.() });
  const before = watched;
  watched = call;
  try {
    return CALL.runInContext(context, { timeout: TIME_MS_MAX, displayErrors: false }) as number;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Abandoned('a pattern took too long to match');
  } finally {
    watched = before;
  }
}
