/** Hash commands that walk through the fields, or choose some by chance: HSCAN, HRANDFIELD. */

import type { Reply } from '../../protocol/reply.js';
import { find, type Pair } from '../../types/hash/hash.js';
import { differentRandomPairs, randomPair, randomPairs, scan } from '../../types/hash/scan.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import { checkDrawn, parseRandomCount } from '../random-count.js';
import { parseCursor, parseScanOptions, scanArguments, scanReply } from '../scan-options.js';
import type { Command } from '../spec.js';

/** As in Redis, what follows the cursor is not looked at if there is no such key. */
function runScan({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const cursor = parseCursor(argv[2] as string);
  const entry = find(db, argv[1] as string);
  if (entry === undefined) return scanReply(reply, 0, []);
  const { count, matches, noValues } = parseScanOptions(argv, 3, 'hscan');
  const page = scan(db, entry, cursor, count);
  const pairs = page.pairs.filter(([field]) => matches(field));
  const items = noValues ? pairs.map(([field]) => field) : pairs.flat();
  return scanReply(reply, page.cursor, items);
}

function runRandomField(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const key = argv[1] as string;
  if (argv.length === 2) return reply.bulkOrNull(randomPair(db, key)?.[0]);
  const withValues = isWord(argv[3] ?? '', 'withvalues');
  const count = parseRandomCount(argv[2] as string, withValues);
  if (argv.length > 4 || (argv.length === 4 && !withValues)) fail(errors.syntax);
  if (find(db, key) === undefined) return reply.emptyArray;
  checkDrawn(count);
  const pairs = count < 0 ? randomPairs(db, key, -count) : differentRandomPairs(db, key, count);
  if (!withValues) return reply.bulks(pairs.map(([field]) => field));
  return pairsReply(context, pairs);
}

/** RESP3 has each field with its value in an array of their own. */
function pairsReply({ reply }: CommandContext, pairs: readonly Pair[]): Reply {
  if (reply.version === 2) return reply.bulks(pairs.flat());
  return reply.array(pairs.map((pair) => reply.bulks(pair)));
}

export const hashScanCommands: readonly Command[] = [
  {
    name: 'hrandfield',
    summary: 'Returns fields of a hash by chance.',
    since: '6.2.0',
    group: 'hash',
    complexity: 'O(N), N being the number of fields returned',
    arity: -2,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output'],
    arguments: [
      keyArgument,
      {
        name: 'options',
        type: 'block',
        flags: ['optional'],
        arguments: [
          { name: 'count', type: 'integer' },
          { ...token('WITHVALUES'), flags: ['optional'] },
        ],
      },
    ],
    run: runRandomField,
  },
  {
    name: 'hscan',
    summary: 'Walks through the fields of a hash, page by page.',
    since: '2.8.0',
    group: 'hash',
    complexity:
      'O(1) for every call. O(N) for a whole walk, with as many calls as it takes for the cursor to return to 0. N is the number of fields.',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output'],
    arguments: [
      keyArgument,
      ...scanArguments,
      { ...token('NOVALUES', '7.4.0'), flags: ['optional'] },
    ],
    run: runScan,
  },
];
