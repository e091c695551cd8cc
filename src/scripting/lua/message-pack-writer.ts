/** cmsgpack.pack: values of Lua as MessagePack, one after the other. */

import { type LuaState, LuaType } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** A table nested deeper than this is nothing: what contains itself ends here. */
const NESTING_MAX = 16;
const LONGEST = 256 * 1024 * 1024;
const TWO_32 = 2 ** 32;

const scratch = Buffer.alloc(9);

export class MessagePackWriter {
  readonly #lua: LuaState;
  readonly #L: Pointer;
  #text = '';

  constructor(lua: LuaState, L: Pointer) {
    this.#lua = lua;
    this.#L = L;
  }

  /** All arguments. */
  write(): string {
    const { api } = this.#lua;
    const count = api.lua_gettop(this.#L);
    for (let i = 1; i <= count; i++) {
      api.lua_pushvalue(this.#L, i);
      this.#value(0);
      api.lua_settop(this.#L, -2);
    }
    return this.#text;
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length > LONGEST) this.#lua.raise(this.#L, 'not enough memory');
  }

  #byte(value: number): void {
    this.#add(String.fromCharCode(value));
  }

  /** A mark and a number of so many bytes behind it. */
  #marked(mark: number, value: number, bytes: 1 | 2 | 4): void {
    scratch[0] = mark;
    scratch.writeUIntBE(value, 1, bytes);
    this.#add(scratch.latin1Slice(0, bytes + 1));
  }

  #value(nesting: number): void {
    const { api } = this.#lua;
    const type = api.lua_type(this.#L, -1);
    if (type === LuaType.string) this.#string(this.#lua.text(this.#L, -1));
    else if (type === LuaType.number) this.#number(api.lua_tonumber(this.#L, -1));
    else if (type === LuaType.boolean)
      this.#byte(api.lua_toboolean(this.#L, -1) === 1 ? 0xc3 : 0xc2);
    else if (type === LuaType.table && nesting < NESTING_MAX) this.#table(nesting);
    else this.#byte(0xc0);
  }

  #string(text: string): void {
    const { length } = text;
    if (length < 32) this.#byte(0xa0 | length);
    else if (length < 0x100) this.#marked(0xd9, length, 1);
    else if (length < 0x10000) this.#marked(0xda, length, 2);
    else this.#marked(0xdb, length, 4);
    this.#add(text);
  }

  #number(value: number): void {
    const isInteger = Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
    if (!isInteger) this.#double(value);
    else if (value >= 0) this.#positive(value);
    else this.#negative(value);
  }

  #double(value: number): void {
    const isShort = Math.fround(value) === value;
    scratch[0] = isShort ? 0xca : 0xcb;
    if (isShort) scratch.writeFloatBE(value, 1);
    else scratch.writeDoubleBE(value, 1);
    this.#add(scratch.latin1Slice(0, isShort ? 5 : 9));
  }

  #positive(value: number): void {
    if (value < 0x80) this.#byte(value);
    else if (value < 0x100) this.#marked(0xcc, value, 1);
    else if (value < 0x10000) this.#marked(0xcd, value, 2);
    else if (value < TWO_32) this.#marked(0xce, value, 4);
    else this.#wide(0xcf, value);
  }

  #negative(value: number): void {
    if (value >= -32) this.#byte(value & 0xff);
    else if (value >= -0x80) this.#marked(0xd0, value & 0xff, 1);
    else if (value >= -0x8000) this.#marked(0xd1, value & 0xffff, 2);
    else if (value >= -0x8000_0000) this.#marked(0xd2, value >>> 0, 4);
    else this.#wide(0xd3, value);
  }

  #wide(mark: number, value: number): void {
    scratch[0] = mark;
    scratch.writeBigInt64BE(BigInt(value), 1);
    this.#add(scratch.latin1Slice(0, 9));
  }

  #table(nesting: number): void {
    const { api } = this.#lua;
    if (api.lua_checkstack(this.#L, 4) === 0) this.#lua.raise(this.#L, 'too deep');
    const { count, isArray } = this.#count();
    if (isArray) this.#head(count, 0x90, 0xdc);
    else this.#head(count, 0x80, 0xde);
    if (isArray) this.#array(count, nesting);
    else this.#map(nesting);
  }

  #head(count: number, short: number, mark: number): void {
    if (count < 16) this.#byte(short | count);
    else if (count < 0x10000) this.#marked(mark, count, 2);
    else this.#marked(mark + 1, count, 4);
  }

  /** An array has the keys from 1 to their number. */
  #count(): { count: number; isArray: boolean } {
    const { api } = this.#lua;
    let [count, largest, isArray] = [0, 0, true];
    api.lua_pushnil(this.#L);
    while (api.lua_next(this.#L, -2) !== 0) {
      const isNumber = api.lua_type(this.#L, -2) === LuaType.number;
      const key = isNumber ? api.lua_tonumber(this.#L, -2) : 0;
      isArray &&= Number.isInteger(key) && key > 0;
      largest = Math.max(largest, key);
      count++;
      api.lua_settop(this.#L, -2);
    }
    return { count, isArray: isArray && largest === count };
  }

  #array(count: number, nesting: number): void {
    const { api } = this.#lua;
    for (let i = 1; i <= count; i++) {
      api.lua_rawgeti(this.#L, -1, i);
      this.#value(nesting + 1);
      api.lua_settop(this.#L, -2);
    }
  }

  #map(nesting: number): void {
    const { api } = this.#lua;
    api.lua_pushnil(this.#L);
    while (api.lua_next(this.#L, -2) !== 0) {
      api.lua_pushvalue(this.#L, -2);
      this.#value(nesting + 1);
      api.lua_settop(this.#L, -2);
      this.#value(nesting + 1);
      api.lua_settop(this.#L, -2);
    }
  }
}
