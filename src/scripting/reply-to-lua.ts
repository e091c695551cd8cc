/** Replies of commands as values of Lua. Source: redis.io/docs/latest/develop/interact/programmability/lua-api */

import type { Reply } from '../protocol/reply.js';
import type { LuaState } from './lua/lua-state.js';
import type { Pointer } from './lua/wasm-module.js';

/** Text of an error reply that a command gave: it was counted when it was. */
export function pushError(lua: LuaState, L: Pointer, message: string, isCounted: boolean): void {
  const { api } = lua;
  api.lua_createtable(L, 0, 2);
  lua.pushText(L, message);
  api.lua_setfield(L, -2, lua.name('err'));
  if (!isCounted) return;
  api.lua_pushboolean(L, 1);
  api.lua_setfield(L, -2, lua.name('ignore_error_stats_update'));
}

/** All of a reply that is at hand; a script gets no other. */
export function wholeText(reply: Reply): string {
  if (typeof reply === 'string') return reply;
  let text = '';
  for (const piece of reply.pieces) {
    if (typeof piece !== 'string') throw new Error('bug: a reply to a script that is read later');
    text += piece;
  }
  return text;
}

type Step = (reader: ReplyReader, line: string) => void;

/** Leaves the value on the stack. */
export function pushReply(lua: LuaState, L: Pointer, text: string): void {
  new ReplyReader(lua, L, text).value();
}

class ReplyReader {
  readonly lua: LuaState;
  readonly L: Pointer;
  readonly #text: string;
  #at = 0;

  constructor(lua: LuaState, L: Pointer, text: string) {
    this.lua = lua;
    this.L = L;
    this.#text = text;
  }

  value(): void {
    const mark = this.#text[this.#at] as string;
    const end = this.#text.indexOf('\r\n', this.#at);
    const line = this.#text.slice(this.#at + 1, end);
    this.#at = end + 2;
    const step = STEPS[mark];
    if (step === undefined) throw new Error(`bug: a reply of the kind ${mark}`);
    step(this, line);
  }

  /** So many bytes, and what ends their line. */
  take(length: number): string {
    const text = this.#text.slice(this.#at, this.#at + length);
    this.#at += length + 2;
    return text;
  }

  bulk(line: string): void {
    if (line === '-1') this.lua.api.lua_pushboolean(this.L, 0);
    else this.lua.pushText(this.L, this.take(Number(line)));
  }

  array(line: string): void {
    const { api } = this.lua;
    const count = Number(line);
    if (count < 0) {
      api.lua_pushboolean(this.L, 0);
      return;
    }
    this.#reserve();
    api.lua_createtable(this.L, count, 0);
    for (let i = 1; i <= count; i++) {
      this.value();
      api.lua_rawseti(this.L, -2, i);
    }
  }

  /** A table in a table: what it is stands in the name of its only field. */
  wrapped(name: string, push: () => void): void {
    const { api } = this.lua;
    this.#reserve();
    api.lua_createtable(this.L, 0, 1);
    push();
    api.lua_setfield(this.L, -2, this.lua.name(name));
  }

  pairs(count: number, readsValue: boolean): void {
    const { api } = this.lua;
    api.lua_createtable(this.L, 0, count);
    for (let i = 0; i < count; i++) {
      this.value();
      if (readsValue) this.value();
      else api.lua_pushboolean(this.L, 1);
      api.lua_rawset(this.L, -3);
    }
  }

  #reserve(): void {
    if (this.lua.api.lua_checkstack(this.L, 5) === 0) this.lua.raise(this.L, 'stack overflow');
  }

  /** A script sees nothing of attributes. */
  attributed(count: number): void {
    this.#reserve();
    this.pairs(count, true);
    this.lua.api.lua_settop(this.L, -2);
    this.value();
  }

  text(text: string): void {
    this.lua.pushText(this.L, text);
  }

  verbatim(line: string): void {
    const text = this.take(Number(line));
    this.wrapped('verbatim_string', () => {
      this.lua.api.lua_createtable(this.L, 0, 2);
      this.lua.pushText(this.L, text.slice(0, 3));
      this.lua.api.lua_setfield(this.L, -2, this.lua.name('format'));
      this.lua.pushText(this.L, text.slice(4));
      this.lua.api.lua_setfield(this.L, -2, this.lua.name('string'));
    });
  }
}

const STEPS: Readonly<Record<string, Step>> = {
  ':': ({ lua, L }, line) => lua.api.lua_pushnumber(L, Number(line)),
  $: (reader, line) => reader.bulk(line),
  '+': (reader, line) => reader.wrapped('ok', () => reader.text(line)),
  '-': ({ lua, L }, line) => pushError(lua, L, line, true),
  '*': (reader, line) => reader.array(line),
  '%': (reader, line) => reader.wrapped('map', () => reader.pairs(Number(line), true)),
  '~': (reader, line) => reader.wrapped('set', () => reader.pairs(Number(line), false)),
  _: ({ lua, L }) => lua.api.lua_pushnil(L),
  '#': ({ lua, L }, line) => lua.api.lua_pushboolean(L, line === 't' ? 1 : 0),
  ',': (reader, line) =>
    reader.wrapped('double', () => reader.lua.api.lua_pushnumber(reader.L, doubleOf(line))),
  '(': (reader, line) => reader.wrapped('big_number', () => reader.text(line)),
  '=': (reader, line) => reader.verbatim(line),
  '|': (reader, line) => reader.attributed(Number(line)),
};

function doubleOf(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
