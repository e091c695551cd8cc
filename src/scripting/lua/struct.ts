/** The library `struct`: numbers and strings as C lays them out. Source: inf.puc-rio.br/~roberto/struct. */

import { GLOBALS, type LuaState } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

/** The longest integer, in bytes. */
const INTEGER_MAX = 32;
const NATIVE_ALIGNMENT = 8;
const SIZE_MAX = 2_147_483_647;
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  h: 2,
  l: 8,
  i: 4,
  t: 8,
  f: 4,
  d: 8,
  x: 1,
  c: 1,
};
const DEFAULTS: Readonly<Record<string, number>> = { i: 4, c: 1 };

/** A place of a format. */
interface Item {
  readonly code: string;
  readonly size: number;
  /** Bytes that stand before it so that it is aligned. */
  readonly padding: number;
  readonly isLittle: boolean;
}

export function addStructLibrary(lua: LuaState): void {
  const { api, main } = lua;
  api.lua_createtable(main, 0, 3);
  lua.setFunctions(main, {
    pack: (L) => pack(lua, L),
    unpack: (L) => unpack(lua, L),
    size: (L) => size(lua, L),
  });
  api.lua_setfield(main, GLOBALS, lua.name('struct'));
}

/** Reads a format item by item; what a string of variable length adds is told by whoever knows it. */
class Format {
  readonly #lua: LuaState;
  readonly #L: Pointer;
  readonly #text: string;
  #at = 0;
  #isLittle = true;
  #alignment = 1;

  constructor(lua: LuaState, L: Pointer) {
    this.#lua = lua;
    this.#L = L;
    this.#text = lua.checkText(L, 1);
  }

  /** The next item, of what stands after `total` bytes; undefined at the end. */
  next(total: number): Item | undefined {
    const code = this.#text[this.#at++];
    if (code === undefined) return undefined;
    const size = this.#sizeOf(code);
    const padding = this.#padding(code, size, total);
    if (!'bBhHlLTiIfdxcs'.includes(code)) this.#control(code);
    return { code, size, padding, isLittle: this.#isLittle };
  }

  #sizeOf(code: string): number {
    const kind = code.toLowerCase();
    if (code !== 'c' && kind !== 'i') return 'bBhHlLTfdx'.includes(code) ? (SIZES[kind] ?? 0) : 0;
    const size = this.#number() ?? (DEFAULTS[kind] as number);
    if (kind === 'i' && size > INTEGER_MAX) {
      this.#fail(`integral size ${size} is larger than limit of ${INTEGER_MAX}`);
    }
    return size;
  }

  #number(): number | undefined {
    const digits = /\d*/y;
    digits.lastIndex = this.#at;
    const found = digits.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    if (Number(found) > SIZE_MAX) this.#fail('integral size overflow');
    return found === '' ? undefined : Number(found);
  }

  #padding(code: string, size: number, total: number): number {
    if (size === 0 || code === 'c') return 0;
    const unit = Math.min(size, this.#alignment);
    return unit > 1 ? (unit - (total & (unit - 1))) & (unit - 1) : 0;
  }

  #control(code: string): void {
    if (code === ' ') return;
    if (code === '>') this.#isLittle = false;
    else if (code === '<') this.#isLittle = true;
    else if (code === '!') this.#align();
    else this.#lua.argumentError(this.#L, 1, `invalid format option '${code}'`);
  }

  #align(): void {
    const unit = this.#number() ?? NATIVE_ALIGNMENT;
    if (unit === 0 || (unit & (unit - 1)) !== 0)
      this.#fail(`alignment ${unit} is not a power of 2`);
    this.#alignment = unit;
  }

  #fail(message: string): never {
    return this.#lua.raise(this.#L, message);
  }
}

function pack(lua: LuaState, L: Pointer): number {
  const format = new Format(lua, L);
  let text = '';
  let argument = 1;
  // What is missing at the end is nil.
  lua.api.lua_pushnil(L);
  for (let item = format.next(0); item !== undefined; item = format.next(text.length)) {
    text += '\0'.repeat(item.padding);
    if (item.code === 'x') text += '\0';
    else if ('cs'.includes(item.code)) text += packText(lua, L, ++argument, item);
    else if (item.size > 0) text += packNumber(lua.api.luaL_checknumber(L, ++argument), item);
  }
  lua.pushText(L, text);
  return 1;
}

function packText(lua: LuaState, L: Pointer, argument: number, { code, size }: Item): string {
  const text = lua.checkText(L, argument);
  if (code === 's') return `${text}\0`;
  if (text.length < size) lua.argumentError(L, argument + 1, 'string too short');
  return size === 0 ? text : text.slice(0, size);
}

function packNumber(value: number, { code, size, isLittle }: Item): string {
  const bytes = Buffer.alloc(size);
  if (code === 'f') bytes.writeFloatLE(value);
  else if (code === 'd') bytes.writeDoubleLE(value);
  else writeInteger(bytes, value);
  return (isLittle ? bytes : bytes.reverse()).latin1Slice(0, size);
}

function writeInteger(bytes: Buffer, value: number): void {
  const isInRange = Math.abs(value) < 2 ** 64;
  let rest = BigInt.asUintN(64, isInRange ? BigInt(Math.trunc(value)) : 1n << 63n);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function unpack(lua: LuaState, L: Pointer): number {
  const { api } = lua;
  const format = new Format(lua, L);
  const data = lua.checkText(L, 2);
  const start = lua.optionalInteger(L, 3) ?? 1;
  if (start < 1) lua.argumentError(L, 3, 'offset must be 1 or greater');
  const values = new Values(lua, L, data);
  let at = start - 1;
  for (let item = format.next(at); item !== undefined; item = format.next(at)) {
    at += item.padding;
    if (item.size > data.length || at > data.length - item.size) {
      lua.argumentError(L, 2, 'data string too short');
    }
    at += values.read(item, at);
  }
  api.lua_pushnumber(L, at + 1);
  return values.count + 1;
}

/** What unpack has read so far, on the stack. */
class Values {
  count = 0;
  readonly #lua: LuaState;
  readonly #L: Pointer;
  readonly #data: string;

  constructor(lua: LuaState, L: Pointer, data: string) {
    this.#lua = lua;
    this.#L = L;
    this.#data = data;
  }

  /** Leaves the item's value, if it has one, and returns the bytes that it takes. */
  read(item: Item, at: number): number {
    if (this.#lua.api.lua_checkstack(this.#L, 2) === 0) {
      this.#lua.raise(this.#L, 'stack overflow (too many results)');
    }
    if (item.code === 's') return this.#readToZero(at);
    if (item.code === 'c') return this.#readText(item.size, at);
    if (item.code !== 'x' && item.size > 0)
      this.#push(readNumber(this.#data.slice(at, at + item.size), item));
    return item.size;
  }

  #push(value: number | string): void {
    this.count++;
    if (typeof value === 'string') this.#lua.pushText(this.#L, value);
    else this.#lua.api.lua_pushnumber(this.#L, value);
  }

  #readToZero(at: number): number {
    const end = this.#data.indexOf('\0', at);
    if (end < 0) this.#lua.raise(this.#L, 'unfinished string in data');
    this.#push(this.#data.slice(at, end));
    return end - at + 1;
  }

  /** `c0` takes its length from the number that was read before it. */
  #readText(size: number, at: number): number {
    if (size > 0) {
      this.#push(this.#data.slice(at, at + size));
      return size;
    }
    const { api } = this.#lua;
    if (this.count === 0 || api.lua_type(this.#L, -1) !== 3) {
      this.#lua.raise(this.#L, "format 'c0' needs a previous size");
    }
    const length = Math.trunc(api.lua_tonumber(this.#L, -1));
    api.lua_settop(this.#L, -2);
    this.count--;
    if (!(length >= 0 && length <= this.#data.length - at)) {
      this.#lua.argumentError(this.#L, 2, 'data string too short');
    }
    this.#push(this.#data.slice(at, at + length));
    return length;
  }
}

function readNumber(text: string, { code, size, isLittle }: Item): number {
  const bytes = Buffer.from(text, 'latin1');
  if (!isLittle) bytes.reverse();
  if (code === 'f') return bytes.readFloatLE();
  if (code === 'd') return bytes.readDoubleLE();
  let value = 0n;
  for (let i = Math.min(size, 8) - 1; i >= 0; i--)
    value = (value << 8n) | BigInt(bytes[i] as number);
  const isSigned = code >= 'a';
  return Number(isSigned ? BigInt.asIntN(Math.min(size, 8) * 8, value) : value);
}

/** Of strings, and of what is no item, there is no size. */
function size(lua: LuaState, L: Pointer): number {
  const format = new Format(lua, L);
  let total = 0;
  for (let item = format.next(0); item !== undefined; item = format.next(total)) {
    if (item.code === 's') lua.argumentError(L, 1, "option 's' has no fixed size");
    if (item.code === 'c' && item.size === 0) {
      lua.argumentError(L, 1, "option 'c0' has no fixed size");
    }
    total += item.padding + item.size;
    if (total > SIZE_MAX) lua.argumentError(L, 1, 'format result too large');
  }
  lua.api.lua_pushnumber(L, total);
  return 1;
}
