/** JSON values as text: compact, or as JSON.GET's options want it. */

import { ownText } from '../../base/byte-text.js';
import { type Budget, UNLIMITED } from './budget.js';
import { numberText } from './number.js';
import { isObject, type Json, type JsonArray, type JsonObject } from './value.js';

export interface JsonStyle {
  /** Before each line, once for every level. */
  readonly indent: string;
  /** After an opening bracket, after a comma, before a closing bracket. */
  readonly newline: string;
  /** Between a colon and its value. */
  readonly space: string;
}

export const COMPACT: JsonStyle = { indent: '', newline: '', space: '' };

/** The text of the value. */
export function jsonText(value: Json, style = COMPACT, budget = UNLIMITED): string {
  const writer = new Writer(style, budget);
  writer.value(value);
  return writer.end();
}

/** From so many characters on, text is joined: V8 keeps a string that grows as a tree of its parts. */
const JOINED_LENGTH = 65_536;

class Writer {
  readonly #style: JsonStyle;
  readonly #budget: Budget;
  readonly #joined: string[] = [];
  #text = '';
  /** What begins a line, at the level that is being written. */
  #line: string;

  constructor(style: JsonStyle, budget: Budget) {
    this.#style = style;
    this.#budget = budget;
    this.#line = style.newline;
  }

  end(): string {
    this.#join();
    return this.#joined.join('');
  }

  value(value: Json): void {
    if (this.#text.length > JOINED_LENGTH) this.#join();
    if (typeof value === 'string') this.#string(value);
    else if (value === null || typeof value === 'boolean') this.#text += value;
    else if (Array.isArray(value)) this.#array(value);
    else if (isObject(value)) this.#object(value);
    else this.#text += numberText(value);
  }

  #join(): void {
    // Once for the part, once for the whole.
    this.#budget.take(2 * this.#text.length);
    this.#joined.push(ownText(this.#text));
    this.#text = '';
  }

  #array(array: JsonArray): void {
    if (array.length === 0) {
      this.#text += '[]';
      return;
    }
    const outer = this.#begin('[');
    for (let i = 0; i < array.length; i++) {
      this.#text += i === 0 ? this.#line : `,${this.#line}`;
      this.value(array[i] as Json);
    }
    this.#end(outer, ']');
  }

  #object(object: JsonObject): void {
    if (object.size === 0) {
      this.#text += '{}';
      return;
    }
    const outer = this.#begin('{');
    let separator = this.#line;
    for (const [key, value] of object) {
      this.#text += separator;
      this.#string(key);
      this.#text += `:${this.#style.space}`;
      this.value(value);
      separator = `,${this.#line}`;
    }
    this.#end(outer, '}');
  }

  /** Opens a container, and returns how lines begin outside of it. */
  #begin(open: string): string {
    const outer = this.#line;
    this.#text += open;
    this.#line += this.#style.indent;
    return outer;
  }

  #end(outer: string, close: string): void {
    this.#line = outer;
    this.#text += outer + close;
  }

  #string(text: string): void {
    if (SPECIAL.test(text)) this.#escaped(text);
    else this.#text += `"${text}"`;
  }

  /** In pieces: V8 keeps a list of all that it replaces. */
  #escaped(text: string): void {
    this.#text += '"';
    for (let at = 0; at < text.length; at += JOINED_LENGTH) {
      this.#text += text.slice(at, at + JOINED_LENGTH).replace(ALL_SPECIAL, escapeOf);
      if (this.#text.length > JOINED_LENGTH) this.#join();
    }
    this.#text += '"';
  }
}

/** What may not stand in a string as it is: quotation marks, backslashes, control characters. */
const SPECIAL = /["\\]|[^ -\xff]/;
const ALL_SPECIAL = new RegExp(SPECIAL, 'g');

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(4, '0');
  return ESCAPES.get(character) ?? `\\u${code}`;
}
