/** Changes one value in the text of a YAML file; comments and layout around it stay. */

import {
  type Document,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parse,
  parseDocument,
  stringify,
} from 'yaml';
import { isUtf8, textOfUtf8 } from '../base/byte-text.js';
import { quoted } from '../base/quoted.js';
import type { Entry } from './catalog.js';
import { quotedWord } from './redis-edit.js';
import { readYaml } from './yaml-file.js';

/** The content with the option set to the value. */
export function setYaml(content: string, entry: Entry, value: unknown): string {
  const document = parseDocument(content);
  const text = yamlText(entry, value);
  const edited = splice(content, document, entry, text) ?? insert(content, document, entry, text);
  if (edited !== undefined && says(edited, entry, value)) return edited;
  document.setIn(entry.path.split('.'), parse(text));
  return document.toString({ lineWidth: 0 }); // keeps comments, but not all of the layout
}

/**
 * The content with these users, names and rules as bytes, and no others. Comments stay, but not all of the layout.
 * @throws if a name cannot be written, which is text in YAML
 */
export function setYamlUsers(content: string, users: readonly (readonly string[])[]): string {
  const document = parseDocument(content);
  if (!isMap(document.get('security', true))) document.set('security', document.createNode({}));
  const rules = users.map(
    ([name = '', ...words]) => [yamlName(name), words.map(quotedWord).join(' ')] as const,
  );
  document.setIn(['security', 'users'], document.createNode(new Map(rules)));
  return document.toString({ lineWidth: 0 });
}

function yamlName(bytes: string): string {
  if (!isUtf8(bytes)) throw new Error(`the name of user ${quoted(bytes)} is not UTF-8`);
  return textOfUtf8(bytes);
}

/** Numbers, booleans and words with units as they are; other text quoted where YAML needs it. */
function yamlText({ option }: Entry, value: unknown): string {
  const text = option.format(value);
  if (typeof value === 'number' || typeof value === 'boolean') return text;
  return text.includes('\n')
    ? JSON.stringify(text)
    : stringify(text, { lineWidth: 0 }).replace(/\n$/, '');
}

/** Replaces a value that stands on one line. */
function splice(
  content: string,
  document: Document,
  entry: Entry,
  text: string,
): string | undefined {
  const node = document.getIn(entry.path.split('.'), true);
  if (!isScalar(node) || !node.range || !node.source || node.type?.startsWith('BLOCK')) {
    return undefined;
  }
  const [start, end] = node.range;
  return content.slice(0, start) + text + content.slice(end);
}

/** Adds a line to the end of the option's section, or of the file. */
function insert(
  content: string,
  document: Document,
  { path, section }: Entry,
  text: string,
): string | undefined {
  if (document.hasIn(path.split('.'))) return undefined;
  const line = `${path.slice(path.lastIndexOf('.') + 1)}: ${text}`;
  if (section === undefined) return append(content, line);
  const map = document.get(section, true);
  if (!isMap<Node, Node | null>(map)) {
    return document.has(section)
      ? fillEmptySection(content, document, section, line)
      : append(content, `\n${section}:\n  ${line}`);
  }
  const first = map.items[0]?.key.range?.[0];
  const last = map.items.at(-1);
  const end = (last?.value ?? last?.key)?.range?.[1];
  if (map.flow || first === undefined || end === undefined) return undefined;
  const indent = content.slice(content.lastIndexOf('\n', first) + 1, first);
  return insertBelow(content, end, indent + line);
}

/** `limits:` with nothing below it. */
function fillEmptySection(
  content: string,
  document: Document,
  section: string,
  line: string,
): string | undefined {
  const { contents } = document;
  if (!isMap<Node, Node | null>(contents)) return undefined;
  const pair: Pair<Node> | undefined = contents.items.find(
    ({ key }) => isScalar(key) && key.value === section,
  );
  const end = pair?.key.range?.[1];
  return end === undefined ? undefined : insertBelow(content, end, `  ${line}`);
}

/** A new line after the one that `offset` is in. */
function insertBelow(content: string, offset: number, line: string): string {
  const lineEnd = content.indexOf('\n', offset);
  if (lineEnd < 0) return append(content, line);
  return `${content.slice(0, lineEnd + 1)}${line}\n${content.slice(lineEnd + 1)}`;
}

function append(content: string, lines: string): string {
  const separator = content === '' || content.endsWith('\n') ? '' : '\n';
  return `${content}${separator}${lines}\n`;
}

function says(content: string, entry: Entry, value: unknown): boolean {
  const { settings, problems } = readYaml(content, '');
  const setting = settings.find((each) => each.entry === entry);
  if (problems.length > 0 || setting === undefined) return false;
  return entry.option.format(entry.option.parse(setting.text)) === entry.option.format(value);
}
