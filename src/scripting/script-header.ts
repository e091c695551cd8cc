/** The first line of a script or library, `#!lua name=… flags=…`, and what its flags allow. */

import { splitInline } from '../protocol/inline.js';

/** As in redis.io/docs/latest/develop/interact/programmability/lua-api, "script flags". */
const SCRIPT_FLAGS = [
  'no-writes',
  'allow-oom',
  'allow-stale',
  'no-cluster',
  'allow-cross-slot-keys',
] as const;

export type ScriptFlag = (typeof SCRIPT_FLAGS)[number];

export function isScriptFlag(word: string): word is ScriptFlag {
  return (SCRIPT_FLAGS as readonly string[]).includes(word);
}

export interface Script {
  /** What is compiled: without the header, but with its end of line, so that lines keep their numbers. */
  readonly body: string;
  /** undefined: it has no header, and so it may do whatever scripts could before there were flags. */
  readonly flags: ReadonlySet<ScriptFlag> | undefined;
}

export class HeaderError extends Error {}

/** The words of a header, which may be quoted; undefined if a quotation does not end. */
export function headerWords(line: string): readonly string[] | undefined {
  const bytes = Buffer.from(line, 'latin1');
  return splitInline(bytes, 0, bytes.length)?.map(String);
}

/** @throws HeaderError */
export function parseScript(text: string): Script {
  if (!text.startsWith('#!')) return { body: text, flags: undefined };
  const end = text.indexOf('\n');
  if (end < 0) throw new HeaderError('Invalid script shebang');
  const words = headerWords(text.slice(0, end));
  if (words === undefined) throw new HeaderError('Invalid script shebang');
  const [mark = '', ...options] = words;
  const engine = mark.slice(2);
  if (engine.toLowerCase() !== 'lua') {
    throw new HeaderError(`Unexpected engine in script shebang: ${mark}`);
  }
  const flags = new Set<ScriptFlag>();
  for (const option of options) readOption(option, flags);
  return { body: text.slice(end), flags };
}

/** Whether the header says that the script does not write; whatever is wrong with it is said when it runs. */
export function onlyReads(text: string): boolean {
  if (!text.startsWith('#!')) return false;
  try {
    return parseScript(text).flags?.has('no-writes') ?? false;
  } catch (error) {
    if (error instanceof HeaderError) return false;
    throw error;
  }
}

function readOption(option: string, flags: Set<ScriptFlag>): void {
  if (!option.startsWith('flags=')) throw new HeaderError(`Unknown lua shebang option: ${option}`);
  for (const word of option.slice('flags='.length).split(',')) {
    if (word === '') continue;
    if (!isScriptFlag(word)) throw new HeaderError(`Unexpected flag in script shebang: ${word}`);
    flags.add(word);
  }
}
