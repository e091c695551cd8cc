/** The library `redis` that scripts see. Source: redis.io/docs/latest/develop/interact/programmability/lua-api */

import { createHash } from 'node:crypto';
import type { Logger } from '../base/log.js';
import { formatDouble } from '../protocol/double.js';
import { type LuaState, LuaType, type NativeFunction } from './lua/lua-state.js';
import type { Pointer } from './lua/wasm-module.js';
import { pushError, pushReply } from './reply-to-lua.js';
import { CallFailure, type ScriptCalls } from './script-calls.js';

/** What Redis calls the levels of its log, and what they are here. */
const LEVELS = [
  ['LOG_DEBUG', 'debug'],
  ['LOG_VERBOSE', 'debug'],
  ['LOG_NOTICE', 'info'],
  ['LOG_WARNING', 'warn'],
] as const;

const REPLICATION = { REPL_NONE: 0, REPL_AOF: 1, REPL_SLAVE: 2, REPL_REPLICA: 2, REPL_ALL: 3 };
/** The release whose commands are those of this server. */
const REDIS_VERSION = '7.4.0';
const REDIS_VERSION_NUMBER = 0x0007_0400;
const NO_ARGUMENTS = 'Please specify at least one argument for this redis lib call';
const BAD_ARGUMENT = 'Lua redis lib command arguments must be strings or integers';

export interface RedisLibraryParts {
  readonly calls: ScriptCalls;
  readonly logger: Logger;
  /** Whether a request of these words would be allowed; undefined if there is no such command. */
  readonly isAllowed: (argv: readonly string[]) => boolean | undefined;
}

/** What can be used wherever Lua runs; the table goes on the stack. */
export function pushCommonLibrary(lua: LuaState, L: Pointer, logger: Logger): void {
  const { api } = lua;
  api.lua_createtable(L, 0, 24);
  lua.setFunctions(L, { log: (thread) => log(lua, thread, logger) });
  for (const [level, [name]] of LEVELS.entries()) setNumber(lua, L, name, level);
  lua.pushText(L, REDIS_VERSION);
  api.lua_setfield(L, -2, lua.name('REDIS_VERSION'));
  setNumber(lua, L, 'REDIS_VERSION_NUM', REDIS_VERSION_NUMBER);
}

/** The whole library goes on the stack. */
export function pushRedisLibrary(lua: LuaState, L: Pointer, parts: RedisLibraryParts): void {
  pushCommonLibrary(lua, L, parts.logger);
  for (const [name, value] of Object.entries(REPLICATION)) setNumber(lua, L, name, value);
  lua.setFunctions(L, { ...callFunctions(lua, parts.calls), ...replyFunctions(lua) });
  lua.setFunctions(L, {
    setresp: (thread) => setProtocol(lua, thread, parts.calls),
    set_repl: (thread) => setReplication(lua, thread),
    acl_check_cmd: (thread) => checkCommand(lua, thread, parts),
    ...neutralFunctions(lua),
  });
}

function setNumber(lua: LuaState, L: Pointer, name: string, value: number): void {
  lua.api.lua_pushnumber(L, value);
  lua.api.lua_setfield(L, -2, lua.name(name));
}

/** Leaves an error on the stack, as the result of the function that runs. */
function failWith(lua: LuaState, L: Pointer, message: string): number {
  pushError(lua, L, `ERR ${message}`, false);
  return 1;
}

function raiseWith(lua: LuaState, L: Pointer, message: string): never {
  pushError(lua, L, `ERR ${message}`, false);
  return lua.raiseTop(L);
}

function callFunctions(lua: LuaState, calls: ScriptCalls): Record<string, NativeFunction> {
  return {
    call: (L) => {
      if (!call(lua, L, calls)) lua.raiseTop(L);
      return 1;
    },
    pcall: (L) => {
      call(lua, L, calls);
      return 1;
    },
  };
}

/** Leaves the reply, or the error, on the stack; false if it is an error. */
function call(lua: LuaState, L: Pointer, calls: ScriptCalls): boolean {
  const argv = argumentsOf(lua, L);
  if (typeof argv === 'string') {
    failWith(lua, L, argv);
    return false;
  }
  const outcome = calls.call(argv);
  lua.api.lua_settop(L, 0);
  if (!(outcome instanceof CallFailure)) {
    pushReply(lua, L, outcome);
    return true;
  }
  pushError(lua, L, outcome.message, outcome.isCounted);
  return false;
}

/** The words of a request; or what is wrong with them. */
function argumentsOf(lua: LuaState, L: Pointer): string[] | string {
  const { api } = lua;
  const count = api.lua_gettop(L);
  if (count === 0) return NO_ARGUMENTS;
  const argv: string[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const type = api.lua_type(L, i + 1);
    if (type === LuaType.string) argv[i] = lua.text(L, i + 1);
    else if (type === LuaType.number) argv[i] = formatDouble(api.lua_tonumber(L, i + 1));
    else return BAD_ARGUMENT;
  }
  return argv;
}

function replyFunctions(lua: LuaState): Record<string, NativeFunction> {
  const { api } = lua;
  const hasText = (L: Pointer): boolean =>
    api.lua_gettop(L) === 1 && api.lua_type(L, 1) === LuaType.string;
  return {
    error_reply: (L) => {
      if (!hasText(L)) return failWith(lua, L, 'wrong number or type of arguments');
      pushError(lua, L, errorText(lua.text(L, 1)), false);
      return 1;
    },
    status_reply: (L) => {
      if (!hasText(L)) return failWith(lua, L, 'wrong number or type of arguments');
      api.lua_createtable(L, 0, 1);
      api.lua_pushvalue(L, 1);
      api.lua_setfield(L, -2, lua.name('ok'));
      return 1;
    },
    sha1hex: (L) => {
      if (api.lua_gettop(L) !== 1) return raiseWith(lua, L, 'wrong number of arguments');
      lua.pushText(L, createHash('sha1').update(lua.text(L, 1), 'latin1').digest('hex'));
      return 1;
    },
  };
}

/** An error has a code: its first word, or ERR if there is only one. */
function errorText(text: string): string {
  const message = text.startsWith('-') ? text.slice(1) : text;
  return message.includes(' ') ? message : `ERR ${message}`;
}

function setProtocol(lua: LuaState, L: Pointer, calls: ScriptCalls): number {
  if (lua.api.lua_gettop(L) !== 1) {
    return raiseWith(lua, L, 'redis.setresp() requires one argument.');
  }
  const version = lua.api.lua_tonumber(L, 1);
  if (version !== 2 && version !== 3) {
    return raiseWith(lua, L, 'RESP version must be 2 or 3.');
  }
  calls.version = version;
  return 0;
}

/** There is one log and no choice of what goes into it: a valid choice changes nothing. */
function setReplication(lua: LuaState, L: Pointer): number {
  if (lua.api.lua_gettop(L) !== 1) {
    return raiseWith(lua, L, 'redis.set_repl() requires one argument.');
  }
  const choice = lua.api.lua_tonumber(L, 1);
  if ((choice & ~REPLICATION.REPL_ALL) !== 0) {
    const words = 'REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE';
    return raiseWith(lua, L, `Invalid replication flags. Use ${words}.`);
  }
  return 0;
}

function checkCommand(lua: LuaState, L: Pointer, { isAllowed }: RedisLibraryParts): number {
  const argv = argumentsOf(lua, L);
  if (typeof argv === 'string') return raiseWith(lua, L, argv);
  const isFine = isAllowed(argv);
  if (isFine === undefined) {
    return raiseWith(lua, L, 'Invalid command passed to redis.acl_check_cmd()');
  }
  lua.api.lua_pushboolean(L, isFine ? 1 : 0);
  return 1;
}

/** What belongs to a debugger, or to replication by script: there is none. */
function neutralFunctions(lua: LuaState): Record<string, NativeFunction> {
  const answer = (value: 0 | 1): NativeFunction => {
    return (L) => {
      lua.api.lua_pushboolean(L, value);
      return 1;
    };
  };
  return { replicate_commands: answer(1), breakpoint: answer(0), debug: () => 0 };
}

function log(lua: LuaState, L: Pointer, logger: Logger): number {
  const { api } = lua;
  const count = api.lua_gettop(L);
  if (count < 2) return raiseWith(lua, L, 'redis.log() requires two arguments or more.');
  if (api.lua_type(L, 1) !== LuaType.number) {
    return raiseWith(lua, L, 'First argument must be a number (log level).');
  }
  const level = LEVELS[api.lua_tonumber(L, 1)]?.[1];
  if (level === undefined) return raiseWith(lua, L, 'Invalid debug level.');
  const words = Array.from({ length: count - 1 }, (_, i) => lua.text(L, i + 2));
  logger[level]({ script: true }, words.join(' '));
  return 0;
}
