/** Reads a redis.conf: one directive a line, its words between blanks, quoted where needed. */

import { isUtf8, textOfUtf8, utf8Text } from '../base/byte-text.js';
import { type Entry, entryByPath, entryByRedisName } from './catalog.js';
import { type Declaration, type DeclarationKind, declarationKind } from './declarations.js';
import type { Setting } from './setting.js';
import type { SourceResult } from './source.js';

export interface Directive {
  readonly line: number;
  readonly name: string;
  /** As bytes, one a character. */
  readonly words: readonly string[];
  /** Its quotes are unbalanced: it has no words. */
  readonly isBroken: boolean;
}

/** True if the first line that says something is a directive and not `name: value`. */
export function looksLikeRedisConf(content: string): boolean {
  const first = content
    .split('\n')
    .find((line) => /^\s*[^\s#]/.test(line) && !/^(---|%)/.test(line));
  return (
    first !== undefined && /^\s*[a-z][\w-]*\s+\S/i.test(first) && !/^\s*[\w.-]+\s*:/.test(first)
  );
}

/** @param file the name to use in messages */
export function readRedisConf(content: string, file: string): SourceResult {
  const problems: string[] = [];
  const unused = new Set<string>();
  const found = new Map<Entry, Setting>();
  const declarations: Record<DeclarationKind, Declaration[]> = { users: [], renames: [] };
  for (const directive of directives(content)) {
    const where = `${file}:${directive.line}`;
    const entry = entryOfDirective(directive.name);
    const kind = declarationKind(directive.name);
    if (directive.words.length === 0 && !mayBeEmpty(directive, entry)) {
      problems.push(`${where}: ${directive.name}: no value, or unbalanced quotes`);
    } else if (directive.words.some(isUnreadable)) {
      problems.push(`${where}: ${directive.name}: not UTF-8: write such bytes as "\\xHH"`);
    } else if (directive.name === 'include') {
      // It may hold what protects the data: a password, users.
      problems.push(`${where}: include: not available in DiskDB: put what it names into this file`);
    } else if (kind !== undefined) declarations[kind].push({ words: directive.words, where });
    else if (entry === undefined) unused.add(directive.name);
    else if (!directive.words.every(isUtf8))
      problems.push(`${where}: ${directive.name}: not UTF-8`);
    else found.set(entry, settingOf(entry, directive, where, found.get(entry)));
  }
  const settings = [...found.values()].sort(ownLast);
  return { settings, problems, unused: [...unused], declarations };
}

/** It had bytes that are no UTF-8, in whose place the reader of the file has put this character. */
function isUnreadable(word: string): boolean {
  return word.includes(utf8Text('\ufffd'));
}

/** `save` alone is no schedule, as Redis reads it. */
function mayBeEmpty({ isBroken }: Directive, entry: Entry | undefined): boolean {
  return !isBroken && entry?.option.joins === true;
}

function settingOf(
  entry: Entry,
  { words }: Directive,
  where: string,
  before: Setting | undefined,
): Setting {
  const value = textOfUtf8(words.join(' '));
  const joined = entry.option.joins && before !== undefined && before.text !== '' && value !== '';
  const text = joined ? `${before.text} ${value}` : value;
  return { entry, text, dialects: [entry.option.redis === undefined ? 'own' : 'redis'], where };
}

/** A redis.conf may also set options that Redis does not have, by their path. */
export function entryOfDirective(name: string): Entry | undefined {
  return entryByRedisName.get(name) ?? entryByPath.get(name);
}

/** `appendfsync everysec` sets the interval, and a line that names the interval overrides that. */
function ownLast(a: Setting, b: Setting): number {
  return Number(a.dialects[0] === 'own') - Number(b.dialects[0] === 'own');
}

export function directives(content: string): Directive[] {
  return content.split(/\r?\n/).flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const split = splitWords(utf8Text(line));
    const [name = line, ...words] = split ?? [line.split(/\s/, 1)[0] ?? line];
    const isBroken = split === undefined;
    return [{ line: index + 1, name: name.toLowerCase(), words, isBroken }];
  });
}

// Not \s, which is more than Redis takes for blanks: 0xa0 is a part of a letter.
const BLANK = '[ \\t\\n\\v\\f\\r]';
const QUOTED = `"((?:[^"\\\\]|\\\\.)*)"|'((?:[^'\\\\]|\\\\.)*)'`;
const WORD = new RegExp(`${BLANK}*(?:${QUOTED}|((?:(?!${BLANK})[^"'])+))(?=${BLANK}|$)`, 'y');
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** Words as redis.conf has them, of bytes into bytes; undefined if a quote is not closed, or followed by more. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  WORD.lastIndex = 0;
  while (WORD.lastIndex < line.length) {
    const match = WORD.exec(line);
    if (match === null) return undefined;
    words.push(wordOf(match));
  }
  return words;
}

function wordOf([, double, single, bare]: RegExpExecArray): string {
  if (single !== undefined) return single.replaceAll("\\'", "'");
  if (double === undefined) return bare ?? '';
  return double.replace(/\\(x[0-9a-f]{2}|.)/gi, (_, code: string) =>
    code.length === 3
      ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
      : (ESCAPES[code] ?? code),
  );
}
