/** cmsgpack.unpack: MessagePack as values of Lua. */

import type { LuaState } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

type Step = (reader: MessagePackReader, nesting: number) => void;

/** Deeper than this nobody nests, and the stack of C would end. */
const NESTING_MAX = 1000;

export class MessagePackReader {
  at: number;
  readonly #lua: LuaState;
  readonly #L: Pointer;
  readonly #bytes: Buffer;

  constructor(lua: LuaState, L: Pointer, text: string, at: number) {
    this.#lua = lua;
    this.#L = L;
    this.#bytes = Buffer.from(text, 'latin1');
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#bytes.length;
  }

  /** Leaves the next value on the stack. */
  read(nesting: number): void {
    const isTooDeep = nesting > NESTING_MAX || this.#lua.api.lua_checkstack(this.#L, 5) === 0;
    if (isTooDeep) this.#lua.raise(this.#L, 'Too many nested values in input.');
    const mark = this.#bytes[this.take(1)] as number;
    if (mark < 0x80) this.number(mark);
    else if (mark < 0x90) this.map(mark & 15, nesting);
    else if (mark < 0xa0) this.array(mark & 15, nesting);
    else if (mark < 0xc0) this.string(mark & 31);
    else if (mark >= 0xe0) this.number(mark - 0x100);
    else this.#marked(mark, nesting);
  }

  #marked(mark: number, nesting: number): void {
    const step = STEPS[mark];
    if (step === undefined) this.#lua.raise(this.#L, 'Bad data format in input.');
    else step(this, nesting);
  }

  /** Where so many bytes begin, which are then behind. */
  take(count: number): number {
    const { at } = this;
    if (at + count > this.#bytes.length) this.#lua.raise(this.#L, 'Missing bytes in input.');
    this.at += count;
    return at;
  }

  number(value: number): void {
    this.#lua.api.lua_pushnumber(this.#L, value);
  }

  nil(): void {
    this.#lua.api.lua_pushnil(this.#L);
  }

  boolean(value: boolean): void {
    this.#lua.api.lua_pushboolean(this.#L, value ? 1 : 0);
  }

  unsigned(bytes: 1 | 2 | 4): number {
    return this.#bytes.readUIntBE(this.take(bytes), bytes);
  }

  signed(bytes: 1 | 2 | 4): number {
    return this.#bytes.readIntBE(this.take(bytes), bytes);
  }

  wide(isSigned: boolean): number {
    const at = this.take(8);
    return Number(isSigned ? this.#bytes.readBigInt64BE(at) : this.#bytes.readBigUInt64BE(at));
  }

  float(): number {
    return this.#bytes.readFloatBE(this.take(4));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.take(8));
  }

  string(length: number): void {
    const at = this.take(length);
    this.#lua.pushText(this.#L, this.#bytes.latin1Slice(at, at + length));
  }

  array(count: number, nesting: number): void {
    this.#lua.api.lua_createtable(this.#L, 0, 0);
    for (let i = 1; i <= count; i++) {
      this.read(nesting + 1);
      this.#lua.api.lua_rawseti(this.#L, -2, i);
    }
  }

  map(count: number, nesting: number): void {
    const { api } = this.#lua;
    api.lua_createtable(this.#L, 0, 0);
    for (let i = 0; i < count; i++) {
      this.read(nesting + 1);
      this.read(nesting + 1);
      // Nil and what is no number are no keys: Lua would raise an error of its own.
      const key = api.lua_tonumber(this.#L, -2);
      const isKey =
        api.lua_type(this.#L, -2) > 0 && !(api.lua_type(this.#L, -2) === 3 && Number.isNaN(key));
      if (!isKey) this.#lua.raise(this.#L, 'Bad data format in input.');
      api.lua_rawset(this.#L, -3);
    }
  }
}

const STEPS: Readonly<Record<number, Step>> = {
  192: (reader) => reader.nil(),
  194: (reader) => reader.boolean(false),
  195: (reader) => reader.boolean(true),
  196: (reader) => reader.string(reader.unsigned(1)),
  197: (reader) => reader.string(reader.unsigned(2)),
  198: (reader) => reader.string(reader.unsigned(4)),
  202: (reader) => reader.number(reader.float()),
  203: (reader) => reader.number(reader.double()),
  204: (reader) => reader.number(reader.unsigned(1)),
  205: (reader) => reader.number(reader.unsigned(2)),
  206: (reader) => reader.number(reader.unsigned(4)),
  207: (reader) => reader.number(reader.wide(false)),
  208: (reader) => reader.number(reader.signed(1)),
  209: (reader) => reader.number(reader.signed(2)),
  210: (reader) => reader.number(reader.signed(4)),
  211: (reader) => reader.number(reader.wide(true)),
  217: (reader) => reader.string(reader.unsigned(1)),
  218: (reader) => reader.string(reader.unsigned(2)),
  219: (reader) => reader.string(reader.unsigned(4)),
  220: (reader, nesting) => reader.array(reader.unsigned(2), nesting),
  221: (reader, nesting) => reader.array(reader.unsigned(4), nesting),
  222: (reader, nesting) => reader.map(reader.unsigned(2), nesting),
  223: (reader, nesting) => reader.map(reader.unsigned(4), nesting),
};
