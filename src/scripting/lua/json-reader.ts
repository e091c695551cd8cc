/** cjson.decode: JSON as a value of Lua. */

import type { JsonSettings } from './json.js';
import type { LuaState } from './lua-state.js';
import type { Pointer } from './wasm-module.js';

const WHITE = /[ \t\n\r]*/y;
/** What strtod reads, as far as JSON has its beginning. */
const NUMBER =
  /-?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)|inf(?:inity)?|nan/iy;
const STRICT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a zero byte ends a string
const PLAIN = /[^"\\\u0000]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** What cjson calls what stands where something else must. */
const TOKENS: Readonly<Record<string, string>> = {
  '{': 'T_OBJ_BEGIN',
  '}': 'T_OBJ_END',
  '[': 'T_ARR_BEGIN',
  ']': 'T_ARR_END',
  ',': 'T_COMMA',
  ':': 'T_COLON',
  '"': 'T_STRING',
};
const WORDS: Readonly<Record<string, string>> = {
  true: 'T_BOOLEAN',
  false: 'T_BOOLEAN',
  null: 'T_NULL',
};

export class JsonReader {
  readonly #lua: LuaState;
  readonly #L: Pointer;
  readonly #settings: JsonSettings;
  readonly #text: string;
  #at = 0;

  constructor(lua: LuaState, L: Pointer, settings: JsonSettings) {
    this.#lua = lua;
    this.#L = L;
    this.#settings = settings;
    this.#text = lua.checkText(L, 1);
  }

  /** Leaves the value on the stack. */
  read(): void {
    if (this.#text.length >= 2 && (this.#text[0] === '\0' || this.#text[1] === '\0')) {
      this.#lua.raise(this.#L, 'JSON parser does not support UTF-16 or UTF-32');
    }
    this.#value(0);
    this.#skipWhite();
    if (this.#at < this.#text.length) this.#unexpected('the end');
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #skipWhite(): void {
    this.#match(WHITE);
  }

  #value(depth: number): void {
    this.#skipWhite();
    const { api } = this.#lua;
    const first = this.#text[this.#at];
    if (first === '"') this.#lua.pushText(this.#L, this.#string());
    else if (first === '{') this.#object(depth + 1);
    else if (first === '[') this.#array(depth + 1);
    else if (this.#takes('true')) api.lua_pushboolean(this.#L, 1);
    else if (this.#takes('false')) api.lua_pushboolean(this.#L, 0);
    else if (this.#takes('null')) api.lua_pushlightuserdata(this.#L, 0);
    else this.#number();
  }

  #takes(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(): void {
    const start = this.#at;
    const text = this.#match(NUMBER);
    if (text === '') this.#unexpected('value');
    if (!this.#settings.decodeInvalid && !STRICT.test(text)) {
      this.#at = start;
      this.#fail('value', 'invalid number', start);
    }
    this.#lua.api.lua_pushnumber(this.#L, numberOf(text));
  }

  #descend(depth: number): void {
    const isTooDeep = depth > this.#settings.decodeDepth;
    if (!isTooDeep && this.#lua.api.lua_checkstack(this.#L, 3) === 1) return;
    const what = `Found too many nested data structures (${depth})`;
    this.#lua.raise(this.#L, `${what} at character ${this.#at + 1}`);
  }

  #object(depth: number): void {
    const { api } = this.#lua;
    this.#descend(depth);
    this.#at++;
    api.lua_createtable(this.#L, 0, 0);
    this.#skipWhite();
    if (this.#takes('}')) return;
    for (;;) {
      this.#skipWhite();
      if (this.#text[this.#at] !== '"') this.#unexpected('object key string');
      this.#lua.pushText(this.#L, this.#string());
      this.#skipWhite();
      if (!this.#takes(':')) this.#unexpected('colon');
      this.#value(depth);
      api.lua_rawset(this.#L, -3);
      this.#skipWhite();
      if (this.#takes('}')) return;
      if (!this.#takes(',')) this.#unexpected('comma or object end');
    }
  }

  #array(depth: number): void {
    const { api } = this.#lua;
    this.#descend(depth);
    this.#at++;
    api.lua_createtable(this.#L, 0, 0);
    this.#skipWhite();
    if (this.#takes(']')) return;
    for (let place = 1; ; place++) {
      this.#value(depth);
      api.lua_rawseti(this.#L, -2, place);
      this.#skipWhite();
      if (this.#takes(']')) return;
      if (!this.#takes(',')) this.#unexpected('comma or array end');
    }
  }

  /** From one quotation mark to the next. */
  #string(): string {
    const start = this.#at;
    this.#at++;
    let text = this.#match(PLAIN);
    while (this.#text[this.#at] === '\\') text += this.#escape() + this.#match(PLAIN);
    if (this.#text[this.#at] !== '"') this.#unexpectedIn(start);
    this.#at++;
    return text;
  }

  #unexpectedIn(start: number): never {
    if (this.#at >= this.#text.length) this.#fail('value', 'unexpected end of string', this.#at);
    return this.#fail('value', 'invalid token', start);
  }

  #escape(): string {
    const mark = this.#text[this.#at + 1] ?? '';
    if (mark === 'u') return this.#unicode();
    const escaped = ESCAPES[mark];
    if (escaped === undefined) this.#fail('value', 'invalid escape code', this.#at);
    this.#at += 2;
    return escaped as string;
  }

  /** As UTF-8; two halves of a character that UTF-16 has as a pair are one. */
  #unicode(): string {
    const start = this.#at;
    const first = this.#codeUnit();
    let code = first;
    if (first >= 0xd800 && first < 0xe000) {
      const second =
        first < 0xdc00 && this.#text.startsWith('\\u', this.#at) ? this.#codeUnit() : 0;
      if (second < 0xdc00 || second > 0xdfff)
        this.#fail('value', 'invalid unicode escape code', start);
      code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }
    return Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1');
  }

  #codeUnit(): number {
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.#fail('value', 'invalid unicode escape code', this.#at);
    }
    this.#at += 6;
    return Number.parseInt(digits, 16);
  }

  #unexpected(expected: string): never {
    const at = this.#at;
    return this.#fail(expected, this.#found(), at);
  }

  #found(): string {
    const character = this.#text[this.#at];
    if (character === undefined) return 'T_END';
    const word = Object.keys(WORDS).find((each) => this.#text.startsWith(each, this.#at));
    if (word !== undefined) return WORDS[word] as string;
    return TOKENS[character] ?? (this.#match(NUMBER) === '' ? 'invalid token' : 'T_NUMBER');
  }

  #fail(expected: string, found: string, at: number): never {
    return this.#lua.raise(
      this.#L,
      `Expected ${expected} but found ${found} at character ${at + 1}`,
    );
  }
}

function numberOf(text: string): number {
  const lower = text.toLowerCase();
  const sign = lower.startsWith('-') ? -1 : 1;
  const size = sign < 0 ? lower.slice(1) : lower;
  if (size.startsWith('inf')) return sign * Number.POSITIVE_INFINITY;
  if (size === 'nan') return Number.NaN;
  return sign * Number(size);
}
