/** cjson.encode: a value of Lua as JSON. */

import type { JsonSettings } from './json.js';
import { type LuaState, LuaType } from './lua-state.js';
import { formatNumber } from './number-text.js';
import type { Pointer } from './wasm-module.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be escaped
const ESCAPED = /["\\/\u0000-\u001f\u007f]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};
const TYPE_NAMES = [
  'nil',
  'boolean',
  'userdata',
  'number',
  'string',
  'table',
  'function',
  'userdata',
  'thread',
];

/** Text of this length is more than fits into what scripts may take. */
const LONGEST = 256 * 1024 * 1024;

export class JsonWriter {
  readonly #lua: LuaState;
  readonly #L: Pointer;
  readonly #settings: JsonSettings;
  #text = '';

  constructor(lua: LuaState, L: Pointer, settings: JsonSettings) {
    this.#lua = lua;
    this.#L = L;
    this.#settings = settings;
  }

  /** The value at the top of the stack. */
  write(): string {
    this.#value(0);
    return this.#text;
  }

  #add(text: string): void {
    this.#text += text;
    if (this.#text.length > LONGEST) this.#lua.raise(this.#L, 'not enough memory');
  }

  #value(depth: number): void {
    const { api } = this.#lua;
    const type = api.lua_type(this.#L, -1);
    if (type === LuaType.string) this.#string(this.#lua.text(this.#L, -1));
    else if (type === LuaType.number) this.#number(api.lua_tonumber(this.#L, -1));
    else if (type === LuaType.boolean)
      this.#add(api.lua_toboolean(this.#L, -1) === 1 ? 'true' : 'false');
    else if (type === LuaType.table) this.#table(depth + 1);
    else if (type === LuaType.nil || this.#isNull(type)) this.#add('null');
    else this.#fail(TYPE_NAMES[type] as string, 'type not supported');
  }

  #isNull(type: number): boolean {
    return type === LuaType.lightUserdata && this.#lua.api.lua_topointer(this.#L, -1) === 0;
  }

  #fail(what: string, why: string): never {
    return this.#lua.raise(this.#L, `Cannot serialise ${what}: ${why}`);
  }

  #string(text: string): void {
    this.#add(`"${text.replace(ESCAPED, escaped)}"`);
  }

  #number(value: number): void {
    const { encodeInvalid, precision } = this.#settings;
    if (!Number.isFinite(value)) {
      if (encodeInvalid === 'error') this.#fail('number', 'must not be NaN or Inf');
      if (encodeInvalid === 'null') {
        this.#add('null');
        return;
      }
    }
    this.#add(formatNumber(value, precision));
  }

  #table(depth: number): void {
    const { api } = this.#lua;
    if (depth > this.#settings.encodeDepth || api.lua_checkstack(this.#L, 3) === 0) {
      this.#lua.raise(this.#L, `Cannot serialise, excessive nesting (${depth})`);
    }
    const length = this.#arrayLength();
    if (length > 0) this.#array(length, depth);
    else this.#object(depth);
  }

  /** The largest place if all keys are places; otherwise -1. */
  #arrayLength(): number {
    const { api } = this.#lua;
    const { sparseRatio, sparseSafe, sparseConverts } = this.#settings;
    let largest = 0;
    let items = 0;
    api.lua_pushnil(this.#L);
    while (api.lua_next(this.#L, -2) !== 0) {
      const key = api.lua_type(this.#L, -2) === LuaType.number ? api.lua_tonumber(this.#L, -2) : 0;
      if (!Number.isInteger(key) || key < 1) {
        api.lua_settop(this.#L, -3);
        return -1;
      }
      largest = Math.max(largest, key);
      items++;
      api.lua_settop(this.#L, -2);
    }
    const isSparse = sparseRatio > 0 && largest > items * sparseRatio && largest > sparseSafe;
    if (isSparse && !sparseConverts) this.#fail('table', 'excessively sparse array');
    return isSparse ? -1 : largest;
  }

  #array(length: number, depth: number): void {
    const { api } = this.#lua;
    this.#add('[');
    for (let i = 1; i <= length; i++) {
      if (i > 1) this.#add(',');
      api.lua_rawgeti(this.#L, -1, i);
      this.#value(depth);
      api.lua_settop(this.#L, -2);
    }
    this.#add(']');
  }

  #object(depth: number): void {
    const { api } = this.#lua;
    this.#add('{');
    let isFirst = true;
    api.lua_pushnil(this.#L);
    while (api.lua_next(this.#L, -2) !== 0) {
      if (!isFirst) this.#add(',');
      isFirst = false;
      this.#key();
      this.#value(depth);
      api.lua_settop(this.#L, -2);
    }
    this.#add('}');
  }

  #key(): void {
    const { api } = this.#lua;
    const type = api.lua_type(this.#L, -2);
    if (type === LuaType.string) this.#string(this.#lua.text(this.#L, -2));
    else if (type === LuaType.number) {
      this.#add('"');
      this.#number(api.lua_tonumber(this.#L, -2));
      this.#add('"');
    } else this.#fail(TYPE_NAMES[type] as string, 'table key must be a number or string');
    this.#add(':');
  }
}

function escaped(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
