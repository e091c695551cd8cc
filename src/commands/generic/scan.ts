/** Commands that walk through a database: SCAN, KEYS, RANDOMKEY. */

import { allKeys } from '../../keyspace/all-keys.js';
import { randomKey, type ScannedKey, scanKeys } from '../../keyspace/scan.js';
import type { Reply } from '../../protocol/reply.js';
import type { CommandContext } from '../context.js';
import {
  parseCursor,
  parseScanOptions,
  patternFilter,
  scanArguments,
  scanReply,
} from '../scan-options.js';
import type { Command } from '../spec.js';
import { typeName } from '../type-name.js';

function runScan({ db, reply, server }: CommandContext, argv: readonly string[]): Reply {
  const cursor = parseCursor(argv[1] as string);
  const { count, matches, type } = parseScanOptions(argv, 2, 'scan');
  const page = scanKeys(server.keyspace, db.index, cursor, count);
  const isWanted = ({ key, record }: ScannedKey): boolean =>
    matches(key) && (type === undefined || typeName(record).toLowerCase() === type);
  const keys = page.keys.filter(isWanted).map(({ key }) => key);
  return scanReply(reply, page.cursor, keys);
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
    summary: 'Walks through the keys of the database, page by page.',
    since: '2.8.0',
    group: 'generic',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of keys.',
    arity: -2,
    flags: ['readonly'],
    tips: ['nondeterministic_output', 'request_policy:special'],
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    arguments: [
      ...scanArguments,
      { name: 'type', type: 'string', token: 'TYPE', since: '6.0.0', flags: ['optional'] },
    ],
    run: runScan,
  },
  {
    name: 'keys',
    summary: 'Returns every key that a pattern fits.',
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
    summary: 'Returns a key by chance.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 1,
    flags: ['readonly'],
    tips: ['request_policy:all_shards', 'nondeterministic_output'],
    run: runRandomKey,
  },
];
