/**
 * What scripts see of Lua: no files, no processes, no byte code, and tables of the server that they cannot change.
 *
 * A table that is protected is an empty one whose metatable finds everything in the real one, which no script ever
 * gets hold of: Lua 5.1 has no tables that can only be read.
 */

import { boundFunctions, boundInsert, clampPlaces } from './bounds.js';
import { formatIntegers } from './format.js';
import {
  GLOBALS,
  type LuaState,
  LuaStatus,
  LuaType,
  type NativeFunction,
  REGISTRY,
  type Wrapper,
  type Wrappers,
} from './lua-state.js';
import { guardPatterns } from './pattern-guard.js';
import { type Pauses, pauseFunctions, pausingCoroutines } from './pauses.js';
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
  /** `next` as scripts have it, and C's own, which knows nothing of protected tables and takes a tenth of the time. */
  #next = 0;
  #plainNext = 0;

  /** @param libraries more globals: tables, each of functions and of other values that `fill` sets */
  constructor(lua: LuaState, pauses: Pauses, addLibraries: (lua: LuaState) => void) {
    this.#lua = lua;
    this.#pauses = pauses;
    const { api, main: L } = lua;
    api.luaL_openlibs(L);
    api.lua_pushvalue(L, GLOBALS);
    this.globals = api.luaL_ref(L, REGISTRY);
    this.#plainNext = this.#keep(L, 'next');
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
    const base: Wrappers = {
      getmetatable: (original) => (l) => this.#getMetatable(l, original),
      next: (original) => (l) => this.#onReal(l, original),
      pairs: (original) => (l) => this.#pairs(l, original),
      rawget: (original) => (l) => this.#onReal(l, original),
      rawset: (original) => (l) => this.#unlessProtected(l, original),
      setmetatable: (original) => (l) => this.#unlessProtected(l, original),
      ...boundFunctions(this.#lua),
    };
    this.#lua.api.lua_pushvalue(L, GLOBALS);
    this.wrap(L, base);
    this.#lua.api.lua_settop(L, -2);
    const change: Wrapper = (original) => (l) => this.#unlessProtected(l, original);
    this.#wrapLibrary(L, 'table', {
      insert: (original) => change(boundInsert(this.#lua, original)),
      remove: change,
      sort: change,
    });
    this.#wrapLibrary(L, 'string', { ...formatIntegers(this.#lua), ...guardPatterns(this.#lua) });
    this.#wrapLibrary(L, 'string', clampPlaces(this.#lua));
    this.#wrapLibrary(L, 'math', this.random.functions(this.#lua));
    this.#wrapLibrary(L, 'coroutine', pausingCoroutines(this.#lua, this.#pauses));
  }

  #wrapLibrary(L: Pointer, name: string, wrappers: Wrappers): void {
    const { api } = this.#lua;
    api.lua_getfield(L, GLOBALS, this.#lua.name(name));
    this.wrap(L, wrappers);
    api.lua_settop(L, -2);
  }

  /** Functions of the table at the top of the stack, each replaced by one that may call it. */
  wrap(L: Pointer, wrappers: Wrappers): void {
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
    this.#lua.setFunctions(L, pauseFunctions(this.#lua, this.#pauses));
    if (api.lua_pcall(L, 1, 0, 0) !== LuaStatus.done) throw new Error(this.#lua.text(L, -1));
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
    this.#next = this.#keep(L, 'next');
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

  /** The registry's reference to what the global is now. */
  #keep(L: Pointer, name: string): number {
    this.#lua.api.lua_getfield(L, GLOBALS, this.#lua.name(name));
    return this.#lua.api.luaL_ref(L, REGISTRY);
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

  /** The function reads what is in the table: of a protected one, what is in the real one. */
  #onReal(L: Pointer, original: NativeFunction): number {
    const real = this.#realOf(L);
    if (real !== undefined) {
      this.#lua.api.lua_rawgeti(L, REGISTRY, real);
      this.#lua.api.lua_replace(L, 1);
    }
    return original(L);
  }

  /** C's own finds `next` as an upvalue, which it does not have here; it says what is wrong with what is no table. */
  #pairs(L: Pointer, original: NativeFunction): number {
    const { api } = this.#lua;
    if (api.lua_type(L, 1) !== LuaType.table) return original(L);
    const next = this.#realOf(L) === undefined ? this.#plainNext : this.#next;
    api.lua_rawgeti(L, REGISTRY, next);
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
}
