/** JSON values as text: compact, or as JSON.GET's options want it. */

import { numberText } from './json-number.js';
import { isObject, type Json } from './json-value.js';

export interface JsonStyle {
  /** Before each line, once for every level. */
  readonly indent: string;
  /** After an opening bracket, after a comma, before a closing bracket. */
  readonly newline: string;
  /** Between a colon and its value. */
  readonly space: string;
}

export const COMPACT: JsonStyle = { indent: '', newline: '', space: '' };

export function jsonText(value: Json, style: JsonStyle = COMPACT, level = 0): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    return enclosed('[', value, ']', style, level, (item) => jsonText(item, style, level + 1));
  }
  if (!isObject(value)) return numberText(value);
  return enclosed('{', value, '}', style, level, ([key, item]) => {
    return `${quoted(key)}:${style.space}${jsonText(item, style, level + 1)}`;
  });
}

function enclosed<T>(
  open: string,
  items: Iterable<T>,
  close: string,
  { newline, indent }: JsonStyle,
  level: number,
  itemText: (item: T) => string,
): string {
  const line = newline + indent.repeat(level + 1);
  let text = open;
  for (const item of items) text += (text === open ? '' : ',') + line + itemText(item);
  return text === open ? open + close : text + newline + indent.repeat(level) + close;
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

function quoted(text: string): string {
  return SPECIAL.test(text) ? `"${text.replace(ALL_SPECIAL, escapeOf)}"` : `"${text}"`;
}
