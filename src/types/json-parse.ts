/**
 * Reads JSON (RFC 8259). JSON.parse would lose integers beyond 2^53, the difference of 1 and 1.0, and the order of keys
 * that look like numbers. What is wrong is said in the words that RedisJSON's parser has for it.
 */

import { isUtf8 } from 'node:buffer';
import { type JsonNumber, parseNumber } from './json-number.js';
import type { Json, JsonArray, JsonObject } from './json-value.js';

/** Levels of containers that a document may have; one more is refused. */
export const DEPTH_MAX = 127;

export class JsonError extends Error {}

/** The value that the text is. @throws JsonError */
export function parseJson(text: string): Json {
  if (/[\x80-\xff]/.test(text) && !isUtf8(Buffer.from(text, 'latin1'))) {
    throw new JsonError("Couldn't parse as UTF-8 string");
  }
  return new Parser(text).document();
}

/** The same of text that jsonText made. */
export function parseStored(text: string): Json {
  return new Parser(text).document();
}

/** The number that the whole text is; undefined if it is none. */
export function parseJsonNumber(text: string): JsonNumber | undefined {
  NUMBER.lastIndex = 0;
  return NUMBER.exec(text)?.[0] === text ? parseNumber(text) : undefined;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** What stands in a string as it is. */
const PLAIN = /[ !#-[\]-\xff]*/y;
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

const WORDS: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['t', true],
  ['f', false],
  ['n', null],
]);

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#fail('trailing characters');
    return value;
  }

  #value(): Json {
    const first = this.#next('a value');
    if (first === '"') return this.#string();
    if (first === '{') return this.#nested(() => this.#object());
    if (first === '[') return this.#nested(() => this.#array());
    const word = WORDS.get(first);
    if (word !== undefined) return this.#word(word);
    return this.#number();
  }

  #nested<T>(parse: () => T): T {
    this.#depth++;
    if (this.#depth > DEPTH_MAX) this.#fail('recursion limit exceeded');
    this.#at++;
    const value = parse();
    this.#depth--;
    return value;
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    if (this.#ends('}', 'an object')) return object;
    for (;;) {
      if (this.#next('an object') !== '"') this.#fail('key must be a string');
      const key = this.#string();
      if (this.#next('an object') !== ':') this.#fail('expected `:`');
      this.#at++;
      object.set(key, this.#value());
      if (this.#ends('}', 'an object')) return object;
      this.#comma('}', 'an object');
    }
  }

  #array(): JsonArray {
    const array: JsonArray = [];
    if (this.#ends(']', 'a list')) return array;
    for (;;) {
      array.push(this.#value());
      if (this.#ends(']', 'a list')) return array;
      this.#comma(']', 'a list');
    }
  }

  #ends(close: string, what: string): boolean {
    if (this.#next(what) !== close) return false;
    this.#at++;
    return true;
  }

  #comma(close: string, what: string): void {
    if (this.#next(what) !== ',') this.#fail(`expected \`,\` or \`${close}\``);
    this.#at++;
    if (this.#next('a value') === close) this.#fail('trailing comma');
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
    const text = this.#match(NUMBER);
    if (text === '') this.#fail(this.#text[this.#at] === '-' ? 'invalid number' : 'expected value');
    if (/[.eE0-9]/.test(this.#text[this.#at] ?? '')) this.#fail('invalid number');
    return parseNumber(text) ?? this.#fail('number out of range');
  }

  #string(): string {
    this.#at++;
    let text = this.#match(PLAIN);
    while (this.#text[this.#at] === '\\') text += this.#escape() + this.#match(PLAIN);
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

  /** The next character that is no blank. */
  #next(what: string): string {
    this.#skipBlanks();
    return this.#text[this.#at] ?? this.#fail(`EOF while parsing ${what}`);
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
