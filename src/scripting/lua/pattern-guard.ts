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
import { stepsOf } from './pattern-cost.js';
import type { Pointer } from './wasm-module.js';

/** Steps that a match may take at most to be left alone: about as many as a second has. */
const STEPS_MAX = 1e8;
/** Whatever the pattern, it takes few in so short a text. */
const SHORT = 16;
/** In a longer text to look for runs would take as long as to watch. */
const LOOKED_AT_MAX = 128 * 1024;
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

/** Whether it takes few steps: to watch it takes 0.2 ms. */
function isCheap(lua: LuaState, L: Pointer): boolean {
  const { api } = lua;
  const length = api.lua_objlen(L, 1);
  if (length < SHORT || api.lua_type(L, 2) !== LuaType.string) return true;
  if (length ** (1 + repeats(lua, L)) <= STEPS_MAX) return true;
  if (length > LOOKED_AT_MAX || api.lua_type(L, 1) !== LuaType.string) return false;
  const from = lua.textPlace(L, 1);
  return stepsOf(lua.bytes.subarray(from, from + length), lua.text(L, 2)) <= STEPS_MAX;
}

/** How many characters of the pattern may make it look at all of the text once more, quoted or not. */
function repeats(lua: LuaState, L: Pointer): number {
  const from = lua.textPlace(L, 2);
  const to = from + lua.api.lua_objlen(L, 2);
  const { bytes } = lua;
  let count = 0;
  for (let at = from; at < to; at++) {
    const isEscape = bytes[at] === PERCENT && LOOKS.has(bytes[at + 1] as number);
    if (isEscape || REPEATS.has(bytes[at] as number)) count++;
  }
  return count;
}

const PERCENT = 0x25;
/** `*`, `+`, `-` and `?` */
const REPEATS: ReadonlySet<number> = codesOf('*+-?');
/** `%b`, and captures that are to come again. */
const LOOKS: ReadonlySet<number> = codesOf('b123456789');

function codesOf(characters: string): ReadonlySet<number> {
  return new Set([...characters].map((character) => character.charCodeAt(0)));
}

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
