/** What SCAN, HSCAN, SSCAN and ZSCAN share: the cursor, the options, the form of the reply. */

import { matchesGlob } from '../base/glob.js';
import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import { isWord, parseInteger } from './arguments.js';
import { errors, fail } from './command-error.js';
import type { ArgumentSpec } from './spec.js';

const DEFAULT_COUNT = 10;
/** What one call looks at, at most: a client that wants more gets it with the next call. */
const MOST_COUNT = 1_000_000;
const CURSOR_MAX = 0xffff_ffff_ffff_ffffn;

/** As C's strtoul reads it, but without blanks; nothing is 0. Cursors beyond those we give out are the end. */
export function parseCursor(text: string): number {
  if (text === '') return 0;
  if (!/^[+-]?[0-9]+$/.test(text)) return fail('ERR invalid cursor');
  const cursor = BigInt(text);
  if (cursor > CURSOR_MAX || -cursor > CURSOR_MAX) return fail('ERR invalid cursor');
  return cursor < 0n ? Number(CURSOR_MAX) : Number(cursor);
}

interface ScanOptions {
  /** How many elements to look at, at most MOST_COUNT. */
  count: number;
  /** Whether the name passes MATCH. */
  matches: (name: string) => boolean;
  /** TYPE of SCAN, in lower case. */
  type: string | undefined;
  /** NOVALUES of HSCAN. */
  noValues: boolean;
}

/** Reads the options from `argv[from]` to the end, where `scan` and `hscan` have one of their own. */
export function parseScanOptions(
  argv: readonly string[],
  from: number,
  command?: 'scan' | 'hscan',
): ScanOptions {
  const options: ScanOptions = {
    count: DEFAULT_COUNT,
    matches: () => true,
    type: undefined,
    noValues: false,
  };
  for (let i = from; i < argv.length; i++) {
    const name = argv[i] as string;
    if (isWord(name, 'novalues')) {
      if (command !== 'hscan') fail('ERR NOVALUES option can only be used in HSCAN');
      options.noValues = true;
      continue;
    }
    const value = argv[++i] ?? fail(errors.syntax);
    if (isWord(name, 'count')) options.count = parseCount(value);
    else if (isWord(name, 'match')) options.matches = patternFilter(value);
    else if (isWord(name, 'type') && command === 'scan') options.type = value.toLowerCase();
    else fail(errors.syntax);
  }
  return options;
}

function parseCount(text: string): number {
  const count = parseInteger(text);
  return count < 1 ? fail(errors.syntax) : Math.min(count, MOST_COUNT);
}

/** Whether a name passes the pattern; `*` passes everything, the empty name too. */
export function patternFilter(pattern: string): (name: string) => boolean {
  return pattern === '*' ? () => true : (name) => matchesGlob(pattern, name);
}

/** The cursor to go on from, and what was found. */
export function scanReply(reply: ReplyEncoder, cursor: number, found: readonly string[]): Reply {
  return reply.array([reply.bulk(String(cursor)), reply.bulks(found)]);
}

/** Cursor, MATCH and COUNT, for the command table. */
export const scanArguments: readonly ArgumentSpec[] = [
  { name: 'cursor', type: 'integer' },
  { name: 'pattern', type: 'pattern', token: 'MATCH', flags: ['optional'] },
  { name: 'count', type: 'integer', token: 'COUNT', flags: ['optional'] },
];
