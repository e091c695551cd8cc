/**
 * Reads JSON (RFC 8259). JSON.parse would lose integers beyond 2^53, the difference of 1 and 1.0, and the order of keys
 * that look like numbers. What is wrong is said in the words that RedisJSON's parser has for it.
 */

import { isUtf8 } from 'node:buffer';
import { ownText } from '../../base/byte-text.js';
import { type Budget, UNLIMITED } from './budget.js';
import { type JsonNumber, parseNumber } from './number.js';
import {
  ARRAY_BYTES,
  type Json,
  type JsonArray,
  type JsonObject,
  KEY_BYTES,
  OBJECT_BYTES,
  TEXT_BYTES,
  VALUE_BYTES,
} from './value.js';

/** Levels of containers that a document may have; one more is refused. */
export const DEPTH_MAX = 127;

export class JsonError extends Error {}

/** The value that the text is. @throws JsonError */
export function parseJson(text: string, budget = UNLIMITED): Json {
  if (/[\x80-\xff]/.test(text) && !isUtf8(Buffer.from(text, 'latin1'))) {
    throw new JsonError("Couldn't parse as UTF-8 string");
  }
  return new Parser(text, budget).document();
}

/** The same of text that jsonText made. */
export function parseStored(text: string, budget: Budget): Json {
  return new Parser(text, budget).document();
}

/** The number that the whole text is; undefined if it is none. */
export function parseJsonNumber(text: string): JsonNumber | undefined {
  NUMBER.lastIndex = 0;
  return NUMBER.exec(text)?.[0] === text ? parseNumber(text) : undefined;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const HEXADECIMAL = /[0-9a-fA-F]{4}/y;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const WORDS: ReadonlyMap<number, Json> = new Map<number, Json>([
  [0x74, true],
  [0x66, false],
  [0x6e, null],
]);

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const ZERO = 0x30;
const NINE = 0x39;
/** Parts of a string that are joined at a time: V8 keeps a string that grows as a tree, of some 32 bytes for each part. */
const PARTS_MAX = 4096;
/** Integers of so many digits are read without a regular expression. */
const SHORT_DIGITS = 15;

class Parser {
  readonly #text: string;
  readonly #budget: Budget;
  #at = 0;
  #depth = 0;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.#budget = budget;
  }

  document(): Json {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#fail('trailing characters');
    return value;
  }

  #value(): Json {
    const first = this.#next('a value');
    this.#budget.take(VALUE_BYTES);
    if (first === QUOTE) return this.#textValue();
    if (first === OPEN_OBJECT) return this.#object();
    if (first === OPEN_ARRAY) return this.#array();
    const word = WORDS.get(first);
    return word === undefined ? this.#number() : this.#word(word);
  }

  #textValue(): string {
    const text = this.#string();
    this.#budget.take(TEXT_BYTES + text.length);
    return text;
  }

  #open(bytes: number): void {
    this.#budget.take(bytes);
    if (++this.#depth > DEPTH_MAX) this.#fail('recursion limit exceeded');
    this.#at++;
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    this.#open(OBJECT_BYTES);
    while (!this.#ends(CLOSE_OBJECT, 'an object', object.size === 0)) {
      if (this.#next('an object') !== QUOTE) this.#fail('key must be a string');
      const key = this.#string();
      if (this.#next('an object') !== COLON) this.#fail('expected `:`');
      this.#at++;
      this.#budget.take(KEY_BYTES + key.length);
      object.set(key, this.#value());
    }
    return object;
  }

  #array(): JsonArray {
    const array: JsonArray = [];
    this.#open(ARRAY_BYTES);
    while (!this.#ends(CLOSE_ARRAY, 'a list', array.length === 0)) array.push(this.#value());
    return array;
  }

  /** Whether the container ends here; if not, the comma before the next element is passed, except before the first. */
  #ends(close: number, what: string, isFirst: boolean): boolean {
    const next = this.#next(what);
    if (next === close) {
      this.#depth--;
      this.#at++;
      return true;
    }
    if (isFirst) return false;
    if (next !== COMMA) this.#fail(`expected \`,\` or \`${String.fromCharCode(close)}\``);
    this.#at++;
    if (this.#next('a value') === close) this.#fail('trailing comma');
    return false;
  }

  #word(value: Json): Json {
    const word = String(value);
    const found = this.#text.slice(this.#at, this.#at + word.length);
    if (found !== word) {
      this.#at += found.length;
      this.#fail(word.startsWith(found) ? 'EOF while parsing a value' : 'expected ident');
    }
    this.#at += word.length;
    return value;
  }

  #number(): JsonNumber {
    return this.#shortInteger() ?? this.#longNumber();
  }

  /** undefined: the number is another one. */
  #shortInteger(): number | undefined {
    const text = this.#text;
    let value = 0;
    let at = this.#at;
    let code = text.charCodeAt(at);
    if (code === ZERO) return undefined;
    for (; code >= ZERO && code <= NINE; code = text.charCodeAt(++at))
      value = value * 10 + code - ZERO;
    const digits = at - this.#at;
    if (digits === 0 || digits > SHORT_DIGITS) return undefined;
    if (code === 0x2e || code === 0x45 || code === 0x65) return undefined;
    this.#at = at;
    return value;
  }

  #longNumber(): JsonNumber {
    const text = this.#match(NUMBER);
    const next = this.#text.charCodeAt(this.#at);
    if (text === '') this.#fail(next === MINUS ? 'invalid number' : 'expected value');
    if (/[.eE0-9]/.test(this.#text[this.#at] ?? '')) this.#fail('invalid number');
    return parseNumber(text) ?? this.#fail('number out of range');
  }

  #string(): string {
    this.#at++;
    const plain = this.#plain();
    if (this.#text.charCodeAt(this.#at) !== QUOTE) return this.#longString(plain);
    this.#at++;
    return plain;
  }

  /** What stands in a string as it is, up to its end or to an escape. */
  #plain(): string {
    const text = this.#text;
    const start = this.#at;
    let code = text.charCodeAt(start);
    while (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++this.#at);
    return text.slice(start, this.#at);
  }

  /** A string with escapes, or one that does not end. */
  #longString(start: string): string {
    let text = start;
    let part = '';
    for (let parts = 1; this.#text.charCodeAt(this.#at) === BACKSLASH; parts++) {
      part += this.#escape() + this.#plain();
      if (parts % PARTS_MAX > 0) continue;
      text += ownText(part);
      part = '';
    }
    text += part;
    if (this.#at >= this.#text.length) this.#fail('EOF while parsing a string');
    if (this.#text[this.#at] !== '"') {
      this.#fail('control character (\\u0000-\\u001F) found while parsing a string');
    }
    this.#at++;
    return text;
  }

  #escape(): string {
    const character = this.#text[this.#at + 1] ?? this.#fail('EOF while parsing a string');
    this.#at += 2;
    if (character === 'u') return utf8(this.#codePoint());
    return ESCAPES.get(character) ?? this.#fail('invalid escape');
  }

  #codePoint(): number {
    const first = this.#hexadecimal();
    if (first < 0xd800 || first > 0xdfff) return first;
    if (first > 0xdbff) this.#fail('lone leading surrogate in hex escape');
    if (!this.#text.startsWith('\\u', this.#at)) this.#fail('unexpected end of hex escape');
    this.#at += 2;
    const second = this.#hexadecimal();
    if (second < 0xdc00 || second > 0xdfff) this.#fail('lone leading surrogate in hex escape');
    return 0x1_0000 + (first - 0xd800) * 0x400 + second - 0xdc00;
  }

  #hexadecimal(): number {
    const digits = this.#match(HEXADECIMAL);
    return digits === '' ? this.#fail('invalid escape') : Number.parseInt(digits, 16);
  }

  /** What the expression matches at the place, which is passed; empty if it does not. */
  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    if (!expression.test(this.#text)) return '';
    const start = this.#at;
    this.#at = expression.lastIndex;
    return this.#text.slice(start, this.#at);
  }

  /** The code of the next character that is no blank. */
  #next(what: string): number {
    this.#skipBlanks();
    const code = this.#text.charCodeAt(this.#at);
    return code >= 0 ? code : this.#fail(`EOF while parsing ${what}`);
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #fail(what: string): never {
    const end = Math.min(this.#at + 1, this.#text.length);
    const before = this.#text.slice(0, end);
    const line = before.split('\n').length;
    throw new JsonError(`${what} at line ${line} column ${end - before.lastIndexOf('\n') - 1}`);
  }
}

function utf8(codePoint: number): string {
  return Buffer.from(String.fromCodePoint(codePoint), 'utf8').toString('latin1');
}
