/** LCS. */

import type { Reply } from '../../protocol/reply.js';
import {
  type CommonRange,
  lcsLength,
  lcsTableBytes,
  longestCommonSubsequence,
} from '../../types/string/longest-common-subsequence.js';
import * as string from '../../types/string/string.js';
import { textOf } from '../../types/string/value.js';
import { ValueError } from '../../types/value-error.js';
import { type OptionSpec, parseInteger, parseOptions } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { longestString } from './reply.js';

const lcsOptions: ReadonlyMap<string, OptionSpec> = new Map<string, OptionSpec>([
  ['idx', { group: 'idx' }],
  ['len', { group: 'len' }],
  ['withmatchlen', { group: 'withmatchlen' }],
  ['minmatchlen', { group: 'minmatchlen', takesValue: 'integer' }],
]);

function lcs(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const a = operand(context, argv[1] as string);
  const b = operand(context, argv[2] as string);
  const options = parseOptions(argv, 3, lcsOptions);
  const minimum = parseInteger(options.get('minmatchlen')?.value ?? '0');
  if (options.has('len') && options.has('idx')) {
    fail('ERR If you want both the length and indexes, please just use IDX.');
  }
  if (lcsTableBytes(a, b) > longestString(context)) {
    fail('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
  }
  if (options.has('len')) return reply.integer(lcsLength(a, b));
  const { text, ranges } = longestCommonSubsequence(a, b);
  if (!options.has('idx')) return reply.bulk(text);
  const listed = ranges.filter((range) => range.length >= minimum);
  return indexReply(context, listed, text.length, options.has('withmatchlen'));
}

function operand({ db }: CommandContext, key: string): string {
  try {
    const value = string.get(db, key);
    return value === undefined ? '' : textOf(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    return fail('ERR The specified keys must contain string values');
  }
}

function indexReply(
  { reply }: CommandContext,
  ranges: readonly CommonRange[],
  length: number,
  withLengths: boolean,
): Reply {
  const offsets = (pair: readonly number[]): Reply =>
    reply.array(pair.map((offset) => reply.integer(offset)));
  const matches = ranges.map((range) => {
    const item = [offsets(range.a), offsets(range.b)];
    if (withLengths) item.push(reply.integer(range.length));
    return reply.array(item);
  });
  return reply.map([
    reply.bulk('matches'),
    reply.array(matches),
    reply.bulk('len'),
    reply.integer(length),
  ]);
}

export const stringLcsCommands: readonly Command[] = [
  {
    name: 'lcs',
    summary: 'Finds the longest common subsequence of two values.',
    since: '7.0.0',
    group: 'string',
    complexity: 'O(N*M), N and M being the lengths of the two values',
    arity: -3,
    flags: ['readonly'],
    keys: [keysAt(1, 1, 1, ['RO', 'access'])],
    arguments: [
      { ...keyArgument, name: 'key1' },
      { ...keyArgument, name: 'key2' },
      { ...token('LEN'), flags: ['optional'] },
      { ...token('IDX'), flags: ['optional'] },
      { name: 'min-match-len', type: 'integer', token: 'MINMATCHLEN', flags: ['optional'] },
      { ...token('WITHMATCHLEN'), flags: ['optional'] },
    ],
    run: lcs,
  },
];
