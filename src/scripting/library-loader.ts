/** Runs the code of a library, which registers its functions. */

import type { Logger } from '../base/log.js';
import { fail } from '../commands/command-error.js';
import { isName, type LibraryHeader } from './library-header.js';
import { type LuaState, LuaType, REGISTRY } from './lua/lua-state.js';
import { CompileError, type ScriptThread } from './lua/script-thread.js';
import type { Pointer } from './lua/wasm-module.js';
import { pushCommonLibrary } from './redis-library.js';
import { isScriptFlag, type ScriptFlag } from './script-header.js';

/** The code of a library only registers functions: it is done in no time, in milliseconds. */
const LOAD_MS_MAX = 500;
const CHUNK = '@user_function';

export interface RegisteredFunction {
  readonly name: string;
  readonly description: string | undefined;
  readonly flags: ReadonlySet<ScriptFlag>;
  /** Under which the thread keeps it. */
  readonly reference: number;
}

/** Makes the library `redis` that code has while it is loaded, and runs code with it. */
export class LibraryLoader {
  readonly thread: ScriptThread;
  /** The globals of code that is loaded: of them there is `redis` only, and not all of that. */
  readonly #globals: number;
  /** What the code has registered so far; undefined while none is loaded. */
  #registered: Map<string, RegisteredFunction> | undefined;

  constructor(thread: ScriptThread, logger: Logger) {
    this.thread = thread;
    const { lua, sandbox } = thread;
    const { api, main: L } = lua;
    api.lua_createtable(L, 0, 1);
    sandbox.refuseMissing(L);
    pushCommonLibrary(lua, L, logger);
    lua.setFunctions(L, { register_function: (l) => this.#register(l) });
    sandbox.refuseMissing(L);
    sandbox.protect(L);
    api.lua_setfield(L, -2, lua.name('redis'));
    this.#globals = api.luaL_ref(L, REGISTRY);
  }

  /** @throws CommandError */
  load({ body }: LibraryHeader): ReadonlyMap<string, RegisteredFunction> {
    const registered = new Map<string, RegisteredFunction>();
    const { lua, sandbox } = this.thread;
    const reference = this.#compile(body);
    this.#registered = registered;
    sandbox.useGlobals(lua.main, this.#globals);
    try {
      this.#run(reference);
    } finally {
      this.#registered = undefined;
      sandbox.useGlobals(lua.main);
      this.thread.forget(reference);
    }
    if (registered.size === 0) fail('ERR No functions registered');
    return registered;
  }

  #compile(body: string): number {
    try {
      return this.thread.compile(body, CHUNK);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      return fail(`ERR Error compiling function: ${error.message}`);
    }
  }

  #run(reference: number): void {
    const { lua } = this.thread;
    const timeUp = (L: Pointer): never => raise(lua, L, 'FUNCTION LOAD timeout');
    const progress = this.thread.start(reference, LOAD_MS_MAX, () => 0, timeUp);
    const error = progress === 'done' ? undefined : this.#errorText();
    this.thread.end(progress === 'done');
    if (error !== undefined) fail(`ERR Error registering functions: ${error}`);
  }

  #errorText(): string {
    const { lua, thread: L } = this.thread;
    if (lua.api.lua_type(L, -1) !== LuaType.table) return `ERR ${lua.text(L, -1)}`;
    lua.pushText(L, 'err');
    lua.api.lua_rawget(L, -2);
    return lua.text(L, -1) || 'ERR unknown error';
  }

  #register(L: Pointer): number {
    const { lua } = this.thread;
    const registered = this.#registered;
    if (registered === undefined) {
      return raise(lua, L, 'redis.register_function can only be called on FUNCTION LOAD command');
    }
    const declared = declaredFunction(lua, L);
    if (!isName(declared.name)) {
      raise(
        lua,
        L,
        'Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
      );
    }
    if (registered.has(declared.name)) raise(lua, L, 'Function already exists in the library');
    lua.api.lua_pushvalue(L, declared.place);
    const reference = lua.api.luaL_ref(L, REGISTRY);
    registered.set(declared.name, { ...declared, reference });
    return 0;
  }
}

function raise(lua: LuaState, L: Pointer, message: string): never {
  return lua.raisePlain(L, message);
}

interface DeclaredFunction extends Omit<RegisteredFunction, 'reference'> {
  /** Where on the stack the function is. */
  readonly place: number;
}

/** By a name and a function, or by a table that names its arguments. */
function declaredFunction(lua: LuaState, L: Pointer): DeclaredFunction {
  const { api } = lua;
  const count = api.lua_gettop(L);
  if (count < 1 || count > 2) {
    return raise(lua, L, 'wrong number of arguments to redis.register_function');
  }
  if (count === 1) return namedArguments(lua, L);
  if (api.lua_type(L, 1) !== LuaType.string) {
    return raise(lua, L, 'first argument to redis.register_function must be a string');
  }
  if (api.lua_type(L, 2) !== LuaType.function) {
    return raise(lua, L, 'second argument to redis.register_function must be a function');
  }
  return { name: lua.text(L, 1), description: undefined, flags: new Set(), place: 2 };
}

const ARGUMENTS: Readonly<Record<string, { type: number; complaint: string }>> = {
  function_name: {
    type: LuaType.string,
    complaint: 'function_name argument given to redis.register_function must be a string',
  },
  description: {
    type: LuaType.string,
    complaint: 'description argument given to redis.register_function must be a string',
  },
  callback: {
    type: LuaType.function,
    complaint: 'callback argument given to redis.register_function must be a function',
  },
  flags: {
    type: LuaType.table,
    complaint:
      'flags argument to redis.register_function must be a table representing function flags',
  },
};

function namedArguments(lua: LuaState, L: Pointer): DeclaredFunction {
  const { api } = lua;
  if (api.lua_type(L, 1) !== LuaType.table) {
    return raise(
      lua,
      L,
      'calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).',
    );
  }
  checkNames(lua, L);
  const name = field(lua, L, 'function_name');
  if (name === undefined)
    raise(lua, L, 'redis.register_function must get a function name argument');
  const description = field(lua, L, 'description');
  api.lua_getfield(L, 1, lua.name('flags'));
  const flags = flagsOf(lua, L);
  api.lua_getfield(L, 1, lua.name('callback'));
  if (api.lua_type(L, -1) !== LuaType.function) {
    raise(lua, L, 'redis.register_function must get a callback argument');
  }
  return { name: name as string, description, flags, place: api.lua_gettop(L) };
}

function checkNames(lua: LuaState, L: Pointer): void {
  const { api } = lua;
  api.lua_pushnil(L);
  while (api.lua_next(L, 1) !== 0) {
    if (api.lua_type(L, -2) !== LuaType.string) {
      raise(lua, L, 'named argument key given to redis.register_function is not a string');
    }
    const argument = ARGUMENTS[lua.text(L, -2)];
    if (argument === undefined) raise(lua, L, 'unknown argument given to redis.register_function');
    if (api.lua_type(L, -1) !== argument?.type) raise(lua, L, argument?.complaint as string);
    api.lua_settop(L, -2);
  }
}

function field(lua: LuaState, L: Pointer, name: string): string | undefined {
  const { api } = lua;
  api.lua_getfield(L, 1, lua.name(name));
  const text = api.lua_type(L, -1) === LuaType.nil ? undefined : lua.text(L, -1);
  api.lua_settop(L, -2);
  return text;
}

/** Of the table at the top of the stack, or nil. */
function flagsOf(lua: LuaState, L: Pointer): ReadonlySet<ScriptFlag> {
  const { api } = lua;
  const flags = new Set<ScriptFlag>();
  if (api.lua_type(L, -1) !== LuaType.table) return flags;
  for (let i = 1; ; i++) {
    api.lua_rawgeti(L, -1, i);
    const word = api.lua_type(L, -1) === LuaType.nil ? undefined : lua.text(L, -1);
    api.lua_settop(L, -2);
    if (word === undefined) return flags;
    if (!isScriptFlag(word)) raise(lua, L, 'unknown flag given');
    flags.add(word as ScriptFlag);
  }
}
