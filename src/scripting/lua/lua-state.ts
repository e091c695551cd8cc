/** One Lua: its memory, its strings, its functions. Text is latin1, a character for each byte. */

import { instantiate, type LuaExports, type LuaModule, type Pointer } from './wasm-module.js';

/** Types of values, as lua_type has them. */
export const LuaType = {
  none: -1,
  nil: 0,
  boolean: 1,
  lightUserdata: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
  userdata: 7,
  thread: 8,
} as const;

/** What lua_resume, lua_pcall and luaL_loadbuffer return. */
export const LuaStatus = {
  done: 0,
  yielded: 1,
  runtimeError: 2,
  syntaxError: 3,
  noMemory: 4,
} as const;

export const REGISTRY = -10_000;
export const GLOBALS = -10_002;
export const ALL_RESULTS = -1;

/** A function that Lua can call: takes its arguments from the stack of `L`, and returns how many results it left there. */
export type NativeFunction = (L: Pointer) => number;

/** Makes the function that takes the place of a library's own, and may call it. */
export type Wrapper = (original: NativeFunction) => NativeFunction;
export type Wrappers = Readonly<Record<string, Wrapper>>;

/** Room for texts that go into Lua one by one; longer ones get room of their own. */
const SCRATCH_BYTES = 16_384;
/** Of lua_Debug (ldebug.h), which is laid out for 32-bit pointers. */
const DEBUG_BYTES = 100;
const DEBUG_SOURCE = 16;
const DEBUG_LINE = 20;
/** Of lua_State (lstate.h): how deep C calls are nested now, and where the coroutine began. */
const STATE_C_CALLS = 52;
const STATE_BASE_C_CALLS = 54;

/** Where in a script something happened. */
export interface Place {
  /** The chunk's name with its mark: `@user_script`. */
  readonly source: string;
  readonly line: number;
}

export class LuaState {
  readonly api: LuaExports;
  /** The main thread. */
  readonly main: Pointer;
  readonly #module: LuaModule;
  readonly #scratch: Pointer;
  /** Where C functions put a length. */
  readonly #length: Pointer;
  readonly #debug: Pointer;
  /** Where in the module's table functions of ours stand. */
  readonly #callees = new Map<NativeFunction, number>();
  readonly memoryLimit: number;
  /** Names of fields, made once. */
  readonly #names = new Map<string, Pointer>();

  /** @param memoryBytes what it may take at most */
  constructor(memoryBytes: number) {
    this.memoryLimit = memoryBytes;
    this.#module = instantiate(memoryBytes);
    this.api = this.#module.exports;
    this.#scratch = this.api.malloc(SCRATCH_BYTES);
    this.#length = this.api.malloc(8);
    this.#debug = this.api.malloc(DEBUG_BYTES);
    this.main = this.api.luaL_newstate();
  }

  /** What the module's memory takes: it never shrinks. */
  get memoryBytes(): number {
    return this.api.memory.buffer.byteLength;
  }

  /** What Lua's values take of it. */
  get usedBytes(): number {
    const [COUNT, COUNT_REST] = [3, 4];
    const { lua_gc } = this.api;
    return lua_gc(this.main, COUNT, 0) * 1024 + lua_gc(this.main, COUNT_REST, 0);
  }

  get bytes(): Buffer {
    return this.#module.bytes();
  }

  /** A name as C has it, which stays. For a fixed set of names only. */
  name(text: string): Pointer {
    let pointer = this.#names.get(text);
    if (pointer === undefined) {
      pointer = this.#allocate(text.length + 1);
      this.bytes.latin1Write(text, pointer, text.length);
      this.bytes[pointer + text.length] = 0;
      this.#names.set(text, pointer);
    }
    return pointer;
  }

  #allocate(bytes: number): Pointer {
    const pointer = this.api.malloc(bytes);
    if (pointer === 0) throw new OutOfMemory();
    return pointer;
  }

  pushText(L: Pointer, text: string): void {
    const { length } = text;
    if (length <= SCRATCH_BYTES) {
      this.bytes.latin1Write(text, this.#scratch, length);
      this.api.lua_pushlstring(L, this.#scratch, length);
      return;
    }
    const pointer = this.api.malloc(length);
    if (pointer === 0) this.raise(L, 'not enough memory');
    try {
      this.bytes.latin1Write(text, pointer, text.length);
      this.api.lua_pushlstring(L, pointer, length);
    } finally {
      this.api.free(pointer);
    }
  }

  /** The string at the index. A number there becomes a string, as in Lua's own functions. */
  text(L: Pointer, index: number): string {
    const pointer = this.api.lua_tolstring(L, index, this.#length);
    return pointer === 0 ? '' : this.#read(pointer);
  }

  /** A string, or a number, that the function must have been given. */
  checkText(L: Pointer, argument: number): string {
    return this.#read(this.api.luaL_checklstring(L, argument, this.#length));
  }

  #read(pointer: Pointer): string {
    const { bytes } = this;
    return bytes.latin1Slice(pointer, pointer + bytes.readUInt32LE(this.#length));
  }

  #cText(pointer: Pointer): string {
    const { bytes } = this;
    return bytes.latin1Slice(pointer, bytes.indexOf(0, pointer));
  }

  /** Ends the running function by an error with the place of its caller before it. */
  raise(L: Pointer, message: string): never {
    this.api.luaL_where(L, 1);
    this.pushText(L, message);
    this.api.lua_concat(L, 2);
    this.api.lua_error(L);
    throw new Error('bug: an error of Lua came back');
  }

  /** Ends the running function by an error without a place. */
  raisePlain(L: Pointer, message: string): never {
    this.pushText(L, message);
    return this.raiseTop(L);
  }

  /** Ends the running function by what is on top of the stack. */
  raiseTop(L: Pointer): never {
    this.api.lua_error(L);
    throw new Error('bug: an error of Lua came back');
  }

  argumentError(L: Pointer, argument: number, message: string): never {
    this.pushText(L, message);
    this.api.luaL_argerror(L, argument, this.textPlace(L, -1));
    throw new Error('bug: an error of Lua came back');
  }

  /** undefined: there is no such argument, or it is nil. */
  optionalInteger(L: Pointer, argument: number): number | undefined {
    if (this.api.lua_type(L, argument) <= 0) return undefined;
    return Math.trunc(this.api.luaL_checknumber(L, argument));
  }

  pushFunction(L: Pointer, callee: NativeFunction): void {
    this.api.lua_pushcclosure(L, this.#indexOf(callee), 0);
  }

  /** A function that keeps what is on top of the stack, which is taken from there: `pushUpvalue` finds it. */
  pushClosure(L: Pointer, callee: NativeFunction): void {
    this.api.lua_pushcclosure(L, this.#indexOf(callee), 1);
  }

  pushUpvalue(L: Pointer): void {
    this.api.lua_pushvalue(L, GLOBALS - 1);
  }

  #indexOf(callee: NativeFunction): number {
    let index = this.#callees.get(callee);
    if (index === undefined) {
      index = this.#module.addFunction(callee);
      this.#callees.set(callee, index);
    }
    return index;
  }

  /** Where the bytes of the string at the index are. */
  textPlace(L: Pointer, index: number): Pointer {
    return this.api.lua_tolstring(L, index, this.#length);
  }

  /** Functions as fields of the table at the top of the stack. */
  setFunctions(L: Pointer, functions: Readonly<Record<string, NativeFunction>>): void {
    for (const [name, callee] of Object.entries(functions)) {
      this.pushFunction(L, callee);
      this.api.lua_setfield(L, -2, this.name(name));
    }
  }

  /**
   * The C function at the top of the stack, taken from it, to be called from one that stands in its place: without its upvalues, if it
   * has any.
   */
  takeFunction(L: Pointer): NativeFunction {
    const callee = this.api.lua_tocfunction(L, -1);
    this.api.lua_settop(L, -2);
    return this.api.__indirect_function_table.get(callee) as NativeFunction;
  }

  /** Compiles the text and leaves the function on the stack, or the message of what is wrong. Never takes byte code. */
  load(L: Pointer, text: string, chunkName: string): boolean {
    // Byte code begins with an escape, which after a blank is only a character out of place.
    const source = text.startsWith('\x1b') ? ` ${text}` : text;
    const pointer = this.api.malloc(source.length + 1);
    if (pointer === 0) throw new OutOfMemory();
    this.bytes.latin1Write(source, pointer, source.length);
    const { luaL_loadbuffer, free } = this.api;
    const status = luaL_loadbuffer(L, pointer, source.length, this.name(chunkName));
    free(pointer);
    return status === LuaStatus.done;
  }

  /** Has the hook called after so many instructions, again and again, in threads made of this one as well. */
  setHook(L: Pointer, hook: (L: Pointer) => void, instructions: number): void {
    const COUNT = 8;
    this.api.lua_sethook(L, this.#module.addHook(hook), COUNT, instructions);
  }

  /** Whether a hook may let the thread yield: no C function that waits for it stands between it and its resume. */
  mayYield(L: Pointer): boolean {
    const { bytes } = this;
    return bytes.readUInt16LE(L + STATE_C_CALLS) <= bytes.readUInt16LE(L + STATE_BASE_C_CALLS);
  }

  /** Where in a script the thread is, or was when it failed: what C and the sandbox do is not counted. */
  place(L: Pointer): Place | undefined {
    const { bytes } = this;
    for (let level = 0; this.api.lua_getstack(L, level, this.#debug) !== 0; level++) {
      this.api.lua_getinfo(L, this.name('Sl'), this.#debug);
      const source = this.#cText(bytes.readUInt32LE(this.#debug + DEBUG_SOURCE));
      const line = bytes.readInt32LE(this.#debug + DEBUG_LINE);
      if (!source.startsWith('=')) return { source, line };
    }
    return undefined;
  }
}

/** Lua has no room for what it is to be given. */
class OutOfMemory extends Error {
  constructor() {
    super('not enough memory');
  }
}
