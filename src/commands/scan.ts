/** Commands that walk through a database: SCAN, KEYS, RANDOMKEY. */

import { matchesGlob } from '../base/glob.js';
import { allKeys, randomKey, type ScannedKey, scanKeys } from '../keyspace/scan.js';
import type { Reply } from '../protocol/reply.js';
import { parseInteger } from './arguments.js';
import { errors, fail } from './command-error.js';
import type { CommandContext } from './context.js';
import type { Command } from './spec.js';
import { typeName } from './type-name.js';

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

/** Whether a key passes MATCH; `*` and no pattern at all pass everything, the empty key too. */
function patternFilter(pattern: string | undefined): (key: string) => boolean {
  if (pattern === undefined || pattern === '*') return () => true;
  return (key) => matchesGlob(pattern, key);
}

interface ScanOptions {
  count: number;
  pattern: string | undefined;
  type: string | undefined;
}

function parseScanOptions(argv: readonly string[]): ScanOptions {
  const options: ScanOptions = { count: DEFAULT_COUNT, pattern: undefined, type: undefined };
  for (let i = 2; i < argv.length; i += 2) {
    const value = argv[i + 1];
    if (value === undefined) return fail(errors.syntax);
    switch (argv[i]?.toLowerCase()) {
      case 'count':
        options.count = parseInteger(value);
        if (options.count < 1) fail(errors.syntax);
        break;
      case 'match':
        options.pattern = value;
        break;
      case 'type':
        options.type = value.toLowerCase();
        break;
      default:
        fail(errors.syntax);
    }
  }
  return options;
}

function runScan({ db, reply, server }: CommandContext, argv: readonly string[]): Reply {
  const cursor = parseCursor(argv[1] as string);
  const { count, pattern, type } = parseScanOptions(argv);
  const page = scanKeys(server.keyspace, db.index, cursor, Math.min(count, MOST_COUNT));
  const matches = patternFilter(pattern);
  const isWanted = ({ key, record }: ScannedKey): boolean =>
    matches(key) && (type === undefined || typeName(record).toLowerCase() === type);
  const keys = page.keys.filter(isWanted).map(({ key }) => key);
  return reply.array([reply.bulk(String(page.cursor)), reply.bulks(keys)]);
}

function runKeys({ db, reply, server }: CommandContext, argv: readonly string[]): Reply {
  const pattern = argv[1] as string;
  const found = allKeys(server.keyspace, db.index, pattern, patternFilter(pattern));
  return reply.bulks(found.map(({ key }) => key));
}

function runRandomKey({ db, reply, server }: CommandContext): Reply {
  return reply.bulkOrNull(randomKey(server.keyspace, db.index));
}

export const scanCommands: readonly Command[] = [
  {
    name: 'scan',
    summary: 'Iterates over the key names in the database.',
    since: '2.8.0',
    group: 'generic',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of keys.',
    arity: -2,
    flags: ['readonly'],
    tips: ['nondeterministic_output', 'request_policy:special'],
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    arguments: [
      { name: 'cursor', type: 'integer' },
      { name: 'pattern', type: 'pattern', token: 'MATCH', flags: ['optional'] },
      { name: 'count', type: 'integer', token: 'COUNT', flags: ['optional'] },
      { name: 'type', type: 'string', token: 'TYPE', since: '6.0.0', flags: ['optional'] },
    ],
    run: runScan,
  },
  {
    name: 'keys',
    summary: 'Returns all key names that match a pattern.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) with N being the number of keys in the database.',
    arity: 2,
    flags: ['readonly'],
    categories: ['keyspace', 'dangerous'],
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    arguments: [{ name: 'pattern', type: 'pattern' }],
    run: runKeys,
  },
  {
    name: 'randomkey',
    summary: 'Returns a random key name from the database.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly'],
    tips: ['request_policy:all_shards', 'nondeterministic_output'],
    run: runRandomKey,
  },
];
