/** Bitmap commands that read. */

import type { KeyRecord } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { type BitRange, countBits, findBit, getBit } from '../../types/bitmap/bitmap.js';
import { find, lengthOf } from '../../types/string/string.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { parseBitOffset } from './offset.js';

function runGetBit(context: CommandContext, argv: readonly string[]): Reply {
  const offset = parseBitOffset(context, argv[2] as string);
  return context.reply.integer(getBit(context.db, argv[1] as string, offset));
}

/** Bits in a unit of the range's offsets. */
function unitOf(word: string | undefined): number {
  if (word === undefined || isWord(word, 'byte')) return 8;
  return isWord(word, 'bit') ? 1 : fail(errors.syntax);
}

/** What two offsets (from the end if negative, both included) mean in a string of so many bytes. */
function bitRange(length: number, first: number, last: number, unit: number): BitRange {
  const units = (length * 8) / unit;
  const start = Math.max(0, first < 0 ? units + first : first);
  const end = Math.min(units, Math.max(0, last < 0 ? units + last : last) + 1);
  return { start: start * unit, end: end * unit };
}

function runBitCount({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length === 3 || argv.length > 5) fail(errors.syntax);
  const first = parseInteger(argv[2] ?? '0');
  const last = parseInteger(argv[3] ?? '-1');
  const unit = unitOf(argv[4]);
  const entry = find(db, argv[1] as string);
  if (entry === undefined || (first < 0 && last < 0 && first > last)) return reply.integer(0);
  const range = bitRange(lengthOf(entry.record as KeyRecord), first, last, unit);
  return reply.integer(countBits(db, entry, range));
}

function runBitPosition({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const bit = parseInteger(argv[2] as string);
  if (bit !== 0 && bit !== 1) fail('ERR The bit argument must be 1 or 0.');
  if (argv.length > 6) fail(errors.syntax);
  const first = parseInteger(argv[3] ?? '0');
  const unit = unitOf(argv[5]);
  const last = parseInteger(argv[4] ?? '-1');
  const entry = find(db, argv[1] as string);
  if (entry === undefined) return reply.integer(bit === 0 ? 0 : -1);
  const range = bitRange(lengthOf(entry.record as KeyRecord), first, last, unit);
  if (range.start >= range.end) return reply.integer(-1);
  const found = findBit(db, entry, bit, range);
  // Without an end the string goes on, with zeros.
  const missing = bit === 0 && argv.length < 5 ? range.end : -1;
  return reply.integer(found ?? missing);
}

const shared = {
  group: 'bitmap',
  flags: ['readonly'],
  keys: oneKey(['RO', 'access']),
} as const satisfies Partial<Command>;

const bitUnit: ArgumentSpec = {
  name: 'unit',
  type: 'oneof',
  since: '7.0.0',
  flags: ['optional'],
  arguments: [token('BYTE'), token('BIT')],
};

const bitRangeHistory: Command['history'] = [['7.0.0', 'The `BYTE` and `BIT` options.']];

export const bitmapReadCommands: readonly Command[] = [
  {
    ...shared,
    name: 'bitcount',
    summary: 'Counts the bits that are set in a string.',
    since: '2.6.0',
    complexity: 'O(N), N being the number of bytes in the range that are stored',
    arity: -2,
    history: bitRangeHistory,
    arguments: [
      keyArgument,
      {
        name: 'range',
        type: 'block',
        flags: ['optional'],
        arguments: [{ name: 'start', type: 'integer' }, { name: 'end', type: 'integer' }, bitUnit],
      },
    ],
    run: runBitCount,
  },
  {
    ...shared,
    name: 'bitpos',
    summary: 'Finds the first bit that is set, or that is clear, in a string.',
    since: '2.8.7',
    complexity: 'O(N), N being the number of bytes up to the bit that are stored',
    arity: -3,
    history: bitRangeHistory,
    arguments: [
      keyArgument,
      { name: 'bit', type: 'integer' },
      {
        name: 'range',
        type: 'block',
        flags: ['optional'],
        arguments: [
          { name: 'start', type: 'integer' },
          {
            name: 'end-unit-block',
            type: 'block',
            flags: ['optional'],
            arguments: [{ name: 'end', type: 'integer' }, bitUnit],
          },
        ],
      },
    ],
    run: runBitPosition,
  },
  {
    ...shared,
    name: 'getbit',
    summary: 'Returns a bit of a string; 0 beyond its end.',
    since: '2.2.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    arguments: [keyArgument, { name: 'offset', type: 'integer' }],
    run: runGetBit,
  },
];
