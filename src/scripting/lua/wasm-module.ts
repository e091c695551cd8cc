/**
 * Lua 5.1 as WebAssembly: the module that the package wasmoon-lua5.1 ships, with the few functions of a system that it
 * asks for. What the package wraps around it is not used: its conversions are not binary-safe.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What Node has of WebAssembly, as far as it is used here: the types of Node leave it to those of browsers. */
declare namespace WebAssembly {
  type ImportValue = (...values: never[]) => unknown;
  type Imports = Record<string, Record<string, ImportValue>>;

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  interface Table {
    get(index: number): unknown;
    set(index: number, value: unknown): void;
    grow(by: number): number;
  }

  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): readonly { readonly module: string; readonly name: string }[];
  }

  class Instance {
    constructor(module: Module, imports: Imports);
    readonly exports: Record<string, unknown>;
  }
}

/** A pointer into the module's memory. */
export type Pointer = number;

/** What the module exports: Lua's C API (lua.org/manual/5.1/manual.html#3), and malloc's kin. */
export interface LuaExports {
  readonly memory: WebAssembly.Memory;
  readonly __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  emscripten_stack_init(): void;
  stackSave(): Pointer;
  stackRestore(pointer: Pointer): void;
  setThrew(threw: number, value: number): void;
  malloc(bytes: number): Pointer;
  free(pointer: Pointer): void;
  luaL_newstate(): Pointer;
  luaL_openlibs(L: Pointer): void;
  luaL_loadbuffer(L: Pointer, text: Pointer, length: number, name: Pointer): number;
  luaL_ref(L: Pointer, index: number): number;
  luaL_unref(L: Pointer, index: number, reference: number): void;
  luaL_where(L: Pointer, level: number): void;
  luaL_argerror(L: Pointer, argument: number, message: Pointer): number;
  luaL_checknumber(L: Pointer, argument: number): number;
  luaL_checktype(L: Pointer, argument: number, type: number): void;
  luaL_checklstring(L: Pointer, argument: number, length: Pointer): Pointer;
  lua_checkstack(L: Pointer, extra: number): number;
  lua_concat(L: Pointer, count: number): void;
  lua_createtable(L: Pointer, arrayCount: number, fieldCount: number): void;
  lua_error(L: Pointer): number;
  lua_gc(L: Pointer, what: number, data: number): number;
  lua_getfield(L: Pointer, index: number, name: Pointer): void;
  lua_getinfo(L: Pointer, what: Pointer, record: Pointer): number;
  lua_getmetatable(L: Pointer, index: number): number;
  lua_getstack(L: Pointer, level: number, record: Pointer): number;
  lua_gettop(L: Pointer): number;
  lua_insert(L: Pointer, index: number): void;
  lua_iscfunction(L: Pointer, index: number): number;
  lua_call(L: Pointer, argumentCount: number, resultCount: number): void;
  lua_newthread(L: Pointer): Pointer;
  lua_next(L: Pointer, index: number): number;
  lua_objlen(L: Pointer, index: number): number;
  lua_pcall(L: Pointer, argumentCount: number, resultCount: number, handler: number): number;
  lua_pushboolean(L: Pointer, value: number): void;
  lua_pushcclosure(L: Pointer, callee: number, upvalueCount: number): void;
  lua_pushlightuserdata(L: Pointer, pointer: Pointer): void;
  lua_pushlstring(L: Pointer, text: Pointer, length: number): void;
  lua_pushnil(L: Pointer): void;
  lua_pushnumber(L: Pointer, value: number): void;
  lua_pushvalue(L: Pointer, index: number): void;
  lua_rawget(L: Pointer, index: number): void;
  lua_rawgeti(L: Pointer, index: number, key: number): void;
  lua_rawset(L: Pointer, index: number): void;
  lua_rawseti(L: Pointer, index: number, key: number): void;
  lua_remove(L: Pointer, index: number): void;
  lua_replace(L: Pointer, index: number): void;
  lua_resume(L: Pointer, argumentCount: number): number;
  lua_sethook(L: Pointer, callee: number, mask: number, count: number): number;
  lua_setfield(L: Pointer, index: number, name: Pointer): void;
  lua_setmetatable(L: Pointer, index: number): number;
  lua_settop(L: Pointer, index: number): void;
  lua_toboolean(L: Pointer, index: number): number;
  lua_tocfunction(L: Pointer, index: number): number;
  lua_tolstring(L: Pointer, index: number, length: Pointer): Pointer;
  lua_isnumber(L: Pointer, index: number): number;
  lua_tonumber(L: Pointer, index: number): number;
  lua_topointer(L: Pointer, index: number): Pointer;
  lua_type(L: Pointer, index: number): number;
  lua_xmove(from: Pointer, to: Pointer, count: number): void;
  lua_yield(L: Pointer, resultCount: number): number;
}

export interface LuaModule {
  readonly exports: LuaExports;
  /** The module's memory; a new object when it has grown. */
  readonly bytes: () => Buffer;
  /** A place in the module's table for a function that Lua can call. */
  readonly addFunction: (callee: (L: Pointer) => number) => number;
  readonly addHook: (hook: (L: Pointer) => void) => number;
}

const PAGE_BYTES = 65_536;
/** Memory grows by a quarter at least, so that it does not grow often. */
const GROWTH = 1.25;

/** Where the module finds what WASI has of a system. */
const WASI = 'wasi_snapshot_preview1';
const HANDED_ON = 'f';

/** What longjmp throws: it unwinds to the nearest protected call. */
const LONG_JUMP = { name: 'longjmp' };

let compiled: WebAssembly.Module | undefined;

function compile(): WebAssembly.Module {
  const path = createRequire(import.meta.url).resolve('wasmoon-lua5.1/dist/liblua5.1.wasm');
  compiled ??= new WebAssembly.Module(readFileSync(path));
  return compiled;
}

/** A fresh Lua whose memory ends at `memoryBytes`: beyond that allocating fails, as Lua expects that it may. */
export function instantiate(memoryBytes: number): LuaModule {
  const module = compile();
  const system = new System(memoryBytes);
  const { exports } = new WebAssembly.Instance(module, system.imports(module));
  const lua = exports as unknown as LuaExports;
  system.attach(lua);
  lua.emscripten_stack_init();
  lua.__wasm_call_ctors();
  return {
    exports: lua,
    bytes: () => system.bytes,
    addFunction: (callee) => addTo(lua, unary(callee)),
    addHook: (hook) => addTo(lua, binary(hook)),
  };
}

/** The imports that have a meaning here. Files, processes and the environment have none: they fail. */
class System {
  bytes: Buffer = Buffer.alloc(0);
  readonly #memoryBytes: number;
  #lua: LuaExports | undefined;

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
  }

  attach(lua: LuaExports): void {
    this.#lua = lua;
    this.bytes = Buffer.from(lua.memory.buffer);
  }

  imports(module: WebAssembly.Module): WebAssembly.Imports {
    const env: Record<string, WebAssembly.ImportValue> = {};
    const all: Record<string, Record<string, WebAssembly.ImportValue>> = { env };
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      all[from] ??= {};
      (all[from] as Record<string, WebAssembly.ImportValue>)[name] = fails;
    }
    Object.assign(env, {
      invoke_vii: this.#invoke,
      _emscripten_throw_longjmp: longJump,
      emscripten_memcpy_js: this.#copy,
      emscripten_date_now: () => Date.now(),
      emscripten_resize_heap: this.#grow,
    });
    Object.assign(all[WASI] ?? {}, {
      environ_sizes_get: this.#noEnvironment,
      environ_get: () => 0,
    });
    return all;
  }

  get #exports(): LuaExports {
    return this.#lua as LuaExports;
  }

  /** A call that may end by longjmp. What else is thrown is ours, and goes on up. */
  readonly #invoke = (callee: number, a: number, b: number): void => {
    const lua = this.#exports;
    const stack = lua.stackSave();
    try {
      (lua.__indirect_function_table.get(callee) as (a: number, b: number) => void)(a, b);
    } catch (error) {
      lua.stackRestore(stack);
      if (error !== LONG_JUMP) throw error;
      lua.setThrew(1, 0);
    }
  };

  readonly #copy = (to: Pointer, from: Pointer, length: number): void => {
    this.bytes.copyWithin(to, from, from + length);
  };

  /** 0 is a failure: malloc then has nothing, and Lua raises "not enough memory". */
  readonly #grow = (asked: number): number => {
    const { memory } = this.#exports;
    const wanted = asked >>> 0;
    if (wanted > this.#memoryBytes) return 0;
    const now = memory.buffer.byteLength;
    const bytes = Math.min(this.#memoryBytes, Math.max(wanted, now * GROWTH));
    memory.grow(Math.ceil((bytes - now) / PAGE_BYTES));
    this.bytes = Buffer.from(memory.buffer);
    return 1;
  };

  readonly #noEnvironment = (count: Pointer, size: Pointer): number => {
    const bytes = Buffer.from(this.#exports.memory.buffer);
    bytes.writeUInt32LE(0, count);
    bytes.writeUInt32LE(0, size);
    return 0;
  };
}

function fails(): number {
  return -1;
}

function longJump(): never {
  throw LONG_JUMP;
}

/** JavaScript's functions have no place in the module's table: these modules hand on one, with its type. */
const HANDS_ON = {
  unary: handingOn([0x60, 1, 0x7f, 1, 0x7f]),
  binary: handingOn([0x60, 2, 0x7f, 0x7f, 0]),
};

/** A module that imports one function of the type and exports it. */
function handingOn(type: readonly number[]): WebAssembly.Module {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const types = [1, type.length + 1, 1, ...type];
  const imports = [2, 7, 1, 1, 0x65, 1, 0x66, 0, 0]; // from module `e` the function `f`
  const exports = [7, 5, 1, 1, 0x66, 0, 0];
  return new WebAssembly.Module(new Uint8Array([...header, ...types, ...imports, ...exports]));
}

function handOn(by: WebAssembly.Module, f: WebAssembly.ImportValue): unknown {
  return new WebAssembly.Instance(by, { e: { f } }).exports[HANDED_ON];
}

function unary(callee: (L: Pointer) => number): unknown {
  return handOn(HANDS_ON.unary, callee);
}

function binary(hook: (L: Pointer) => void): unknown {
  return handOn(HANDS_ON.binary, hook);
}

function addTo(lua: LuaExports, callee: unknown): number {
  const table = lua.__indirect_function_table;
  const index = table.grow(1);
  table.set(index, callee);
  return index;
}
