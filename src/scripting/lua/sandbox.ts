/**
 * What scripts see of Lua: no files, no processes, no byte code, and tables of the server that they cannot change.
 *
 * A table that is protected is an empty one whose metatable finds everything in the real one, which no script ever
 * gets hold of: Lua 5.1 has no tables that can only be read.
 */

import { formatIntegers } from './format.js';
import {
  GLOBALS,
  type LuaState,
  LuaStatus,
  LuaType,
  type NativeFunction,
  REGISTRY,
} from './lua-state.js';
import { guardPatterns } from './pattern-guard.js';
import { PRELUDE } from './prelude.js';
import { RandomNumbers } from './random-numbers.js';
import type { Pointer } from './wasm-module.js';

const READ_ONLY = 'Attempt to modify a readonly table';

/** What openlibs brings and no script gets. */
const REMOVED = [
  'debug',
  'dofile',
  'io',
  'loadfile',
  'module',
  'newproxy',
  'os',
  'package',
  'print',
  'require',
];

/** More values than this have no room on a stack. */
const RESULTS_MAX = 1_000_000;
const MOVES_MAX = 10_000_000;

/** What of collectgarbage harms nobody: the others would let memory grow until the script ends. */
const COLLECTIONS: ReadonlySet<string> = new Set(['collect', 'count', 'step']);

/** What the prelude asks of the thread's runner. */
export interface Pauses {
  /** The hook has paused the script, and whoever runs it has not been told yet. */
  isPausing: boolean;
  /** How many coroutines of the script itself are being run, one in the other. */
  coroutines: number;
  /** Called when the script could not be paused where it is. */
  readonly onRefused: () => void;
}

/** A function of a library that takes the place of C's own. */
type Wrapper = (original: NativeFunction) => NativeFunction;

export class Sandbox {
  readonly random = new RandomNumbers();
  readonly #lua: LuaState;
  readonly #pauses: Pauses;
  /** What the real table of a protected one is, by the registry's reference. */
  readonly #real = new Map<Pointer, number>();
  /** The real globals, in the registry. */
  readonly globals: number;
  #stringMetatable = 0;
  #globalsMetatable = 0;
  #realGlobals = 0;
  #next = 0;

  /** @param libraries more globals: tables, each of functions and of other values that `fill` sets */
  constructor(lua: LuaState, pauses: Pauses, addLibraries: (lua: LuaState) => void) {
    this.#lua = lua;
    this.#pauses = pauses;
    const { api, main: L } = lua;
    api.luaL_openlibs(L);
    api.lua_pushvalue(L, GLOBALS);
    this.globals = api.luaL_ref(L, REGISTRY);
    this.#wrapFunctions(L);
    this.#runPrelude(L);
    for (const name of REMOVED) this.#setNil(L, name);
    this.#addClock(L);
    addLibraries(lua);
    this.#protectAll(L);
  }

  /** The real table of the globals goes on the stack. */
  pushGlobals(L: Pointer): void {
    this.#lua.api.lua_rawgeti(L, REGISTRY, this.globals);
  }

  readonly #refuse: NativeFunction = (L) => this.#lua.raise(L, READ_ONLY);

  /** What scripts find as globals from now on: the table that is kept under the reference, or the usual ones. */
  useGlobals(L: Pointer, reference = this.#realGlobals): void {
    const { api } = this.#lua;
    api.lua_pushvalue(L, GLOBALS);
    api.lua_getmetatable(L, -1);
    api.lua_rawgeti(L, REGISTRY, reference);
    api.lua_setfield(L, -2, this.#lua.name('__index'));
    api.lua_settop(L, -3);
  }

  /** From now on it is an error to ask the table at the top of the stack for what it does not have. */
  refuseMissing(L: Pointer): void {
    const { api } = this.#lua;
    api.lua_createtable(L, 0, 1);
    this.#lua.setFunctions(L, { __index: this.#missing });
    api.lua_setmetatable(L, -2);
  }

  /** Puts a protected table in the place of the one at the top of the stack. */
  protect(L: Pointer): void {
    const { api } = this.#lua;
    api.lua_createtable(L, 0, 0);
    api.lua_createtable(L, 0, 2);
    api.lua_pushvalue(L, -3);
    api.lua_setfield(L, -2, this.#lua.name('__index'));
    this.#lua.pushFunction(L, this.#refuse);
    api.lua_setfield(L, -2, this.#lua.name('__newindex'));
    api.lua_setmetatable(L, -2);
    api.lua_insert(L, -2);
    const real = api.luaL_ref(L, REGISTRY);
    this.#real.set(api.lua_topointer(L, -1), real);
  }

  #wrapFunctions(L: Pointer): void {
    const base: Record<string, Wrapper> = {
      collectgarbage: (original) => (l) => this.#collect(l, original),
      getmetatable: (original) => (l) => this.#getMetatable(l, original),
      loadstring: (original) => (l) => this.#loadString(l, original),
      next: (original) => (l) => this.#onReal(l, original),
      pairs: (original) => (l) => this.#pairs(l, original),
      rawget: (original) => (l) => this.#onReal(l, original),
      rawset: (original) => (l) => this.#unlessProtected(l, original),
      setmetatable: (original) => (l) => this.#unlessProtected(l, original),
      unpack: (original) => (l) => this.#unpack(l, original),
    };
    this.#lua.api.lua_pushvalue(L, GLOBALS);
    this.wrap(L, base);
    this.#lua.api.lua_settop(L, -2);
    const change: Wrapper = (original) => (l) => this.#unlessProtected(l, original);
    this.#wrapLibrary(L, 'table', {
      insert: (original) => (l) => this.#insert(l, original),
      remove: change,
      sort: change,
    });
    this.#wrapLibrary(L, 'string', { ...formatIntegers(this.#lua), ...guardPatterns(this.#lua) });
    this.#wrapLibrary(L, 'math', this.random.functions(this.#lua));
    this.#wrapLibrary(L, 'coroutine', { yield: (original) => (l) => this.#yield(l, original) });
  }

  #wrapLibrary(L: Pointer, name: string, wrappers: Readonly<Record<string, Wrapper>>): void {
    const { api } = this.#lua;
    api.lua_getfield(L, GLOBALS, this.#lua.name(name));
    this.wrap(L, wrappers);
    api.lua_settop(L, -2);
  }

  /** Functions of the table at the top of the stack, each replaced by one that may call it. */
  wrap(L: Pointer, wrappers: Readonly<Record<string, Wrapper>>): void {
    const { api } = this.#lua;
    for (const [name, wrapper] of Object.entries(wrappers)) {
      api.lua_getfield(L, -1, this.#lua.name(name));
      const original = this.#lua.takeFunction(L);
      this.#lua.pushFunction(L, wrapper(original));
      api.lua_setfield(L, -2, this.#lua.name(name));
    }
  }

  #runPrelude(L: Pointer): void {
    const { api } = this.#lua;
    if (!this.#lua.load(L, PRELUDE, '=redis')) throw new Error(this.#lua.text(L, -1));
    api.lua_createtable(L, 0, 5);
    this.#lua.setFunctions(L, this.#nativeFunctions());
    if (api.lua_pcall(L, 1, 0, 0) !== LuaStatus.done) throw new Error(this.#lua.text(L, -1));
  }

  #nativeFunctions(): Readonly<Record<string, NativeFunction>> {
    const pauses = this.#pauses;
    const { api } = this.#lua;
    const answer = (L: Pointer, value: boolean): number => {
      api.lua_pushboolean(L, value ? 1 : 0);
      return 1;
    };
    return {
      isPausing: (L) => answer(L, pauses.isPausing),
      mayPause: (L) => answer(L, this.#mayPause(L)),
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
  #mayPause(L: Pointer): boolean {
    const may = this.#lua.mayYield(L);
    if (!may) {
      this.#pauses.isPausing = false;
      this.#pauses.onRefused();
    }
    return may;
  }

  #yield(L: Pointer, original: NativeFunction): number {
    const { isPausing, coroutines } = this.#pauses;
    if (!isPausing && coroutines === 0) {
      this.#lua.raisePlain(L, 'attempt to yield across metamethod/C-call boundary');
    }
    return original(L);
  }

  #setNil(L: Pointer, name: string): void {
    this.#lua.api.lua_pushnil(L);
    this.#lua.api.lua_setfield(L, GLOBALS, this.#lua.name(name));
  }

  #addClock(L: Pointer): void {
    const { api } = this.#lua;
    api.lua_createtable(L, 0, 1);
    this.#lua.setFunctions(L, {
      clock: (thread) => {
        api.lua_pushnumber(thread, process.cpuUsage().user / 1e6);
        return 1;
      },
    });
    api.lua_setfield(L, GLOBALS, this.#lua.name('os'));
  }

  /** Every table among the globals, then the globals themselves. */
  #protectAll(L: Pointer): void {
    const { api } = this.#lua;
    for (const name of this.#tableNames(L)) {
      api.lua_getfield(L, GLOBALS, this.#lua.name(name));
      this.protect(L);
      api.lua_setfield(L, GLOBALS, this.#lua.name(name));
    }
    this.#keep(L, 'next', (reference) => {
      this.#next = reference;
    });
    this.#protectStrings(L);
    this.#protectGlobals(L);
  }

  #tableNames(L: Pointer): string[] {
    const { api } = this.#lua;
    const names: string[] = [];
    api.lua_pushnil(L);
    while (api.lua_next(L, GLOBALS) !== 0) {
      const name = this.#lua.text(L, -2);
      if (api.lua_type(L, -1) === LuaType.table && name !== '_G') names.push(name);
      api.lua_settop(L, -2);
    }
    return names;
  }

  #keep(L: Pointer, name: string, keep: (reference: number) => void): void {
    this.#lua.api.lua_getfield(L, GLOBALS, this.#lua.name(name));
    keep(this.#lua.api.luaL_ref(L, REGISTRY));
  }

  /** The metatable that scripts get of strings: one that they can read. */
  #protectStrings(L: Pointer): void {
    const { api } = this.#lua;
    api.lua_createtable(L, 0, 1);
    api.lua_getfield(L, GLOBALS, this.#lua.name('string'));
    api.lua_setfield(L, -2, this.#lua.name('__index'));
    this.protect(L);
    this.#stringMetatable = api.luaL_ref(L, REGISTRY);
  }

  #protectGlobals(L: Pointer): void {
    const { api } = this.#lua;
    api.lua_createtable(L, 0, 1);
    this.#lua.setFunctions(L, { __index: this.#missing });
    this.protect(L);
    this.#globalsMetatable = api.luaL_ref(L, REGISTRY);
    this.pushGlobals(L);
    this.refuseMissing(L);
    this.protect(L);
    this.#realGlobals = this.#real.get(api.lua_topointer(L, -1)) as number;
    this.pushGlobals(L);
    api.lua_pushvalue(L, -2);
    api.lua_setfield(L, -2, this.#lua.name('_G'));
    api.lua_settop(L, -2);
    api.lua_replace(L, GLOBALS);
  }

  readonly #missing: NativeFunction = (L) => {
    const name = this.#lua.text(L, 2);
    return this.#lua.raise(L, `Script attempted to access nonexistent global variable '${name}'`);
  };

  #realOf(L: Pointer): number | undefined {
    if (this.#lua.api.lua_type(L, 1) !== LuaType.table) return undefined;
    return this.#real.get(this.#lua.api.lua_topointer(L, 1));
  }

  #unlessProtected(L: Pointer, original: NativeFunction): number {
    if (this.#realOf(L) !== undefined) this.#lua.raisePlain(L, READ_ONLY);
    return original(L);
  }

  /** C's own count of results is one of 32 bits, and may be less than none. */
  #unpack(L: Pointer, original: NativeFunction): number {
    const { api } = this.#lua;
    const from = api.lua_type(L, 2) <= 0 ? 1 : api.lua_tonumber(L, 2);
    const to = api.lua_type(L, 3) <= 0 ? from : api.lua_tonumber(L, 3);
    if (to - from >= RESULTS_MAX) this.#lua.raise(L, 'too many results to unpack');
    return original(L);
  }

  /** A place far from all others would move nothing for as long as nobody waits. */
  #insert(L: Pointer, original: NativeFunction): number {
    const { api } = this.#lua;
    if (api.lua_gettop(L) === 3 && api.lua_type(L, 1) === LuaType.table) {
      const place = api.lua_tonumber(L, 2);
      if (Math.abs(place - api.lua_objlen(L, 1)) > MOVES_MAX) {
        this.#lua.argumentError(L, 2, 'position out of bounds');
      }
    }
    return this.#unlessProtected(L, original);
  }

  /** The function reads what is in the table: of a protected one, what is in the real one. */
  #onReal(L: Pointer, original: NativeFunction): number {
    const real = this.#realOf(L);
    if (real !== undefined) {
      this.#lua.api.lua_rawgeti(L, REGISTRY, real);
      this.#lua.api.lua_replace(L, 1);
    }
    return original(L);
  }

  #pairs(L: Pointer, original: NativeFunction): number {
    if (this.#realOf(L) === undefined) return original(L);
    const { api } = this.#lua;
    api.lua_rawgeti(L, REGISTRY, this.#next);
    api.lua_pushvalue(L, 1);
    api.lua_pushnil(L);
    return 3;
  }

  #getMetatable(L: Pointer, original: NativeFunction): number {
    const { api } = this.#lua;
    const real = this.#realOf(L);
    const isString = api.lua_type(L, 1) === LuaType.string;
    if (real === undefined && !isString) return original(L);
    if (isString) api.lua_rawgeti(L, REGISTRY, this.#stringMetatable);
    else if (real === this.#realGlobals) api.lua_rawgeti(L, REGISTRY, this.#globalsMetatable);
    else api.lua_pushnil(L);
    return 1;
  }

  #loadString(L: Pointer, original: NativeFunction): number {
    const { api } = this.#lua;
    if (api.lua_type(L, 1) !== LuaType.string) return original(L);
    const text = this.#lua.text(L, 1);
    if (!text.startsWith('\x1b')) return original(L);
    if (api.lua_gettop(L) === 1) api.lua_pushvalue(L, 1);
    this.#lua.pushText(L, ` ${text}`);
    api.lua_replace(L, 1);
    return original(L);
  }

  #collect(L: Pointer, original: NativeFunction): number {
    const { api } = this.#lua;
    const isHarmless = api.lua_type(L, 1) <= 0 || COLLECTIONS.has(this.#lua.text(L, 1));
    if (isHarmless) return original(L);
    api.lua_pushnumber(L, 0);
    return 1;
  }
}
