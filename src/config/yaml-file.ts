/** Reads diskdb.conf: YAML, in which each problem is known by its line. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { utf8Text } from '../base/byte-text.js';
import { entryByPath, sections } from './catalog.js';
import type { Declaration, DeclarationKind } from './declarations.js';
import { splitWords } from './redis-file.js';
import type { Setting } from './setting.js';
import { didYouMeanOption, type SourceResult } from './source.js';

/** @param file the name to use in messages */
export function readYaml(content: string, file: string): SourceResult {
  const lineCounter = new LineCounter();
  const document = parseDocument(content, { lineCounter, prettyErrors: false });
  const reader = new YamlReader(file, lineCounter);
  for (const error of document.errors) reader.problem(error.pos[0], firstLine(error.message));
  if (document.errors.length === 0) reader.readTop(document.contents);
  const { settings, problems, declarations } = reader;
  return { settings, problems, unused: [], declarations };
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

/** What is declared below names instead of being an option. */
const DECLARATIONS: ReadonlyMap<string, DeclarationKind> = new Map([
  ['security.users', 'users'],
  ['security.rename_commands', 'renames'],
]);

class YamlReader {
  readonly settings: Setting[] = [];
  readonly problems: string[] = [];
  readonly declarations: Record<DeclarationKind, Declaration[]> = { users: [], renames: [] };
  readonly #file: string;
  readonly #lines: LineCounter;

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  problem(offset: number, message: string): void {
    this.problems.push(`${this.#where(offset)}: ${message}`);
  }

  readTop(contents: Node | null): void {
    if (contents === null || (isScalar(contents) && contents.value === null)) return;
    if (!isMap<Node, Node | null>(contents)) {
      this.problem(offsetOf(contents), 'expected options as `name: value` lines');
      return;
    }
    for (const { key, value } of contents.items) {
      const name = scalarText(key);
      if (sections.includes(name)) this.#readSection(name, key, value);
      else this.#readOption(name, key, value);
    }
  }

  #readSection(section: string, at: Node, value: Node | null): void {
    if (value === null || (isScalar(value) && value.value === null)) return;
    if (!isMap<Node, Node | null>(value)) {
      this.problem(
        offsetOf(at),
        `${section} is a section: expected indented \`name: value\` lines`,
      );
      return;
    }
    for (const { key, value: inner } of value.items) {
      const path = `${section}.${scalarText(key)}`;
      const kind = DECLARATIONS.get(path);
      if (kind === undefined) this.#readOption(path, key, inner);
      else this.#readDeclarations(kind, path, inner);
    }
  }

  /** `alice: on >secret ~app:*`, or the words as a list. */
  #readDeclarations(kind: DeclarationKind, path: string, value: Node | null): void {
    if (value === null || (isScalar(value) && value.value === null)) return;
    if (!isMap<Node, Node | null>(value)) {
      this.problem(offsetOf(value), `${path}: expected indented \`name: value\` lines`);
      return;
    }
    for (const { key, value: inner } of value.items) {
      const words = wordsOf(inner);
      if (words === undefined) {
        this.problem(offsetOf(key), `${path}.${scalarText(key)} must be words, or a list of them`);
      } else {
        const where = this.#where(offsetOf(key));
        this.declarations[kind].push({ words: [utf8Text(scalarText(key)), ...words], where });
      }
    }
  }

  #readOption(path: string, at: Node, value: Node | null): void {
    const entry = entryByPath.get(path);
    const takesList = entry?.option.isList === true || entry?.option.joins === true;
    const text = isSeq<Node>(value) && !takesList ? undefined : valueText(value);
    if (entry === undefined) {
      this.problem(offsetOf(at), `unknown option ${path}${didYouMeanOption(path)}`);
    } else if (text === undefined) {
      this.problem(offsetOf(at), `${path} must be ${entry.option.accepts}`);
    } else {
      const where = this.#where(offsetOf(at));
      this.settings.push({ entry, text, dialects: ['own'], where });
    }
  }

  #where(offset: number): string {
    return `${this.#file}:${this.#lines.linePos(offset).line}`;
  }
}

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** A scalar as it is written, so that 0700 and 1.0 are not read as other numbers. */
function scalarText(node: Node): string {
  if (!isScalar(node) || node.value === null) return '';
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** Of a text its words, as a redis.conf has them; of a list its items. As bytes. */
function wordsOf(node: Node | null): readonly string[] | undefined {
  if (isSeq<Node>(node)) {
    return node.items.every((item) => isScalar(item))
      ? node.items.map(scalarText).map(utf8Text)
      : undefined;
  }
  const text = valueText(node);
  return text === undefined ? undefined : splitWords(utf8Text(text));
}

/** Scalars, and lists of scalars as words between blanks; undefined for anything else. */
function valueText(node: Node | null): string | undefined {
  if (node === null || isScalar(node)) return node === null ? '' : scalarText(node);
  if (isAlias(node) || !isSeq<Node>(node)) return undefined;
  return node.items.every((item) => isScalar(item))
    ? node.items.map(scalarText).join(' ')
    : undefined;
}
