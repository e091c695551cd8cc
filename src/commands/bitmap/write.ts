/** Bitmap commands that put bits. */

import type { Reply } from '../../protocol/reply.js';
import { setBit } from '../../types/bitmap/bitmap.js';
import { type BitOperation, combineStrings } from '../../types/bitmap/operation.js';
import { parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { parseBitOffset } from './offset.js';

function runSetBit(context: CommandContext, argv: readonly string[]): Reply {
  const offset = parseBitOffset(context, argv[2] as string);
  const error = 'ERR bit is not an integer or out of range';
  const bit = parseIntegerWithin(argv[3] as string, 0, 1, error);
  return context.reply.integer(setBit(context.db, argv[1] as string, offset, bit));
}

/** The fewest and the most source keys of each operation. */
const sourceCounts: Readonly<Record<BitOperation, readonly [least: number, most: number]>> = {
  and: [1, Number.POSITIVE_INFINITY],
  or: [1, Number.POSITIVE_INFINITY],
  xor: [1, Number.POSITIVE_INFINITY],
  not: [1, 1],
  diff: [2, Number.POSITIVE_INFINITY],
  diff1: [2, Number.POSITIVE_INFINITY],
  andor: [2, Number.POSITIVE_INFINITY],
  one: [1, Number.POSITIVE_INFINITY],
};

function runBitOperation({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, word = '', key = '', ...sources] = argv;
  const operation = word.toLowerCase();
  if (!isOperation(operation)) return fail(errors.syntax);
  const [least, most] = sourceCounts[operation];
  if (sources.length > most) fail('ERR BITOP NOT must be called with a single source key.');
  if (sources.length < least) {
    fail(`ERR BITOP ${word.toUpperCase()} must be called with at least two source keys.`);
  }
  return reply.integer(combineStrings(db, operation, key, sources));
}

function isOperation(word: string): word is BitOperation {
  return Object.hasOwn(sourceCounts, word);
}

export const bitmapWriteCommands: readonly Command[] = [
  {
    name: 'bitop',
    summary: 'Combines strings bit by bit, and stores the result.',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N), N being the length of all strings together',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keysAt(2, 0, 1, ['OW', 'update']), keysAt(3, -1, 1, ['RO', 'access'])],
    history: [['8.2.0', 'The operations `DIFF`, `DIFF1`, `ANDOR` and `ONE`.']],
    arguments: [
      {
        name: 'operation',
        type: 'oneof',
        arguments: [
          token('AND'),
          token('OR'),
          token('XOR'),
          token('NOT'),
          token('DIFF', '8.2.0'),
          token('DIFF1', '8.2.0'),
          token('ANDOR', '8.2.0'),
          token('ONE', '8.2.0'),
        ],
      },
      { ...keyArgument, name: 'destkey' },
      { name: 'key', type: 'key', keySpecIndex: 1, flags: ['multiple'] },
    ],
    run: runBitOperation,
  },
  {
    name: 'setbit',
    summary: 'Sets or clears a bit of a string, and returns what it was.',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom'],
    keys: oneKey(['RW', 'access', 'update']),
    arguments: [
      keyArgument,
      { name: 'offset', type: 'integer' },
      { name: 'value', type: 'integer' },
    ],
    run: runSetBit,
  },
];
