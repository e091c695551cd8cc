/** What a script returns as a reply. Source: redis.io/docs/latest/develop/interact/programmability/lua-api */

import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import { type LuaState, LuaType } from './lua/lua-state.js';
import type { Pointer } from './lua/wasm-module.js';

/** Tables that are nested deeper are no reply. */
const NESTING_MAX = 500;
const TOO_DEEP = 'ERR reached lua stack limit';

/** A field that says what the table that has it stands for, and the type that it must have. */
interface Form {
  readonly field: string;
  readonly type: number;
  encode(converter: Converter, nesting: number): Reply;
}

/**
 * The value at the top of the stack, for a client of `reply`. `version` is what the script has set by redis.setresp:
 * with it a boolean is one.
 */
export function replyOf(lua: LuaState, L: Pointer, reply: ReplyEncoder, version: 2 | 3): Reply {
  return new Converter(lua, L, reply, version).convert(0);
}

class Converter {
  readonly lua: LuaState;
  readonly L: Pointer;
  readonly reply: ReplyEncoder;
  readonly #version: 2 | 3;

  constructor(lua: LuaState, L: Pointer, reply: ReplyEncoder, version: 2 | 3) {
    this.lua = lua;
    this.L = L;
    this.reply = reply;
    this.#version = version;
  }

  /** The value at the top of the stack, which stays there. */
  convert(nesting: number): Reply {
    const { lua, L, reply } = this;
    const { api } = lua;
    const type = api.lua_type(L, -1);
    if (type === LuaType.string) return reply.bulk(lua.text(L, -1));
    if (type === LuaType.number) return reply.integer(integerOf(api.lua_tonumber(L, -1)));
    if (type === LuaType.boolean) return this.#boolean(api.lua_toboolean(L, -1) === 1);
    if (type !== LuaType.table) return reply.nullBulk;
    if (nesting > NESTING_MAX || api.lua_checkstack(L, 5) === 0) return reply.error(TOO_DEEP);
    return this.#table(nesting);
  }

  #boolean(value: boolean): Reply {
    if (this.#version === 3) return this.reply.boolean(value);
    return value ? this.reply.integer(1) : this.reply.nullBulk;
  }

  #table(nesting: number): Reply {
    const { api } = this.lua;
    for (const form of FORMS) {
      this.pushField(form.field);
      const isIt = api.lua_type(this.L, -1) === form.type;
      const reply = isIt ? form.encode(this, nesting) : undefined;
      api.lua_settop(this.L, -2);
      if (reply !== undefined) return reply;
    }
    return this.#array(nesting);
  }

  pushField(name: string): void {
    this.lua.pushText(this.L, name);
    this.lua.api.lua_rawget(this.L, -2);
  }

  /** Up to the first nil. */
  #array(nesting: number): Reply {
    const { api } = this.lua;
    const items: Reply[] = [];
    for (let place = 1; ; place++) {
      api.lua_rawgeti(this.L, -1, place);
      const isEnd = api.lua_type(this.L, -1) === LuaType.nil;
      if (!isEnd) items.push(this.convert(nesting + 1));
      api.lua_settop(this.L, -2);
      if (isEnd) return this.reply.array(items);
    }
  }

  /** Keys of the table at the top of the stack, each with its value if that is wanted. */
  entries(nesting: number, wantsValues: boolean): Reply[] {
    const { api } = this.lua;
    const items: Reply[] = [];
    api.lua_pushnil(this.L);
    while (api.lua_next(this.L, -2) !== 0) {
      api.lua_pushvalue(this.L, -2);
      items.push(this.convert(nesting + 1));
      api.lua_settop(this.L, -2);
      if (wantsValues) items.push(this.convert(nesting + 1));
      api.lua_settop(this.L, -2);
    }
    return items;
  }

  text(): string {
    return this.lua.text(this.L, -1);
  }

  verbatim(): Reply | undefined {
    const { api } = this.lua;
    this.pushField('string');
    const text = api.lua_type(this.L, -1) === LuaType.string ? this.text() : undefined;
    api.lua_settop(this.L, -2);
    this.pushField('format');
    const format = api.lua_type(this.L, -1) === LuaType.string ? this.text() : undefined;
    api.lua_settop(this.L, -2);
    if (text === undefined || format === undefined) return undefined;
    return this.reply.verbatim(format.padEnd(3).slice(0, 3), text);
  }
}

const FORMS: readonly Form[] = [
  {
    field: 'err',
    type: LuaType.string,
    encode: (converter) => converter.reply.error(converter.text()),
  },
  {
    field: 'ok',
    type: LuaType.string,
    encode: (converter) => converter.reply.simple(converter.text().replace(/[\r\n]/g, ' ')),
  },
  {
    field: 'double',
    type: LuaType.number,
    encode: ({ lua, L, reply }) => reply.double(lua.api.lua_tonumber(L, -1)),
  },
  {
    field: 'map',
    type: LuaType.table,
    encode: (converter, nesting) => converter.reply.map(converter.entries(nesting, true)),
  },
  {
    field: 'set',
    type: LuaType.table,
    encode: (converter, nesting) => converter.reply.set(converter.entries(nesting, false)),
  },
  {
    field: 'big_number',
    type: LuaType.string,
    encode: (converter) => bigNumber(converter.reply, converter.text().replace(/[\r\n]/g, ' ')),
  },
  {
    field: 'verbatim_string',
    type: LuaType.table,
    encode: (converter) => converter.verbatim() as Reply,
  },
];

/** Any text passes for a number, as it does in Redis. */
function bigNumber(reply: ReplyEncoder, text: string): Reply {
  return reply.version === 3 ? `(${text}\r\n` : reply.bulk(text);
}

/** As C converts a double to a 64-bit integer: what is out of range is the least. */
function integerOf(value: number): number | bigint {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole;
  return Math.abs(value) < 2 ** 63 ? BigInt(whole) : -(2n ** 63n);
}
