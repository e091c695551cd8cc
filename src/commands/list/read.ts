/** List commands that only read. */

import type { Reply } from '../../protocol/reply.js';
import type { List } from '../../types/list/list.js';
import { isWord, parseInteger, parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import { streamIfLarge } from '../large-reply.js';
import type { Command } from '../spec.js';
import { element, findList, positionOf, rangeWithin } from './arguments.js';

function length(context: CommandContext, argv: readonly string[]): Reply {
  return context.reply.integer(findList(context, argv[1] as string)?.length ?? 0);
}

function index(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const list = findList(context, argv[1] as string);
  if (list === undefined) return reply.nullBulk;
  const at = positionOf(parseInteger(argv[2] as string), list.length);
  return reply.bulkOrNull(list.at(at));
}

function range(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const first = parseInteger(argv[2] as string);
  const last = parseInteger(argv[3] as string);
  const list = findList(context, argv[1] as string);
  if (list === undefined) return reply.emptyArray;
  const [start, end] = rangeWithin(list.length, first, last);
  const encode = (_: string, value: string): string => reply.bulk(value);
  const form = { head: reply.arrayHead, encode };
  const streamed = streamIfLarge(context, list.entry, list.part(start, end), form);
  return streamed ?? reply.bulks(list.slice(start, end));
}

/** LPOS key element [RANK rank] [COUNT matches] [MAXLEN length] */
interface Search {
  readonly element: string;
  /** 1 is the first match, -1 the last. */
  rank: number;
  /** All of them: 0. Undefined: the one position, not in an array. */
  count: number | undefined;
  /** Elements that are compared; all: 0. */
  length: number;
}

/** A 64-bit integer but the least, whose negation is none. */
const LARGEST = 2 ** 63 - 1025;
const WITHIN =
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";

function parseSearch(argv: readonly string[]): Search {
  const search: Search = { element: argv[2] as string, rank: 1, count: undefined, length: 0 };
  for (let i = 3; i < argv.length; i += 2) {
    const name = argv[i] as string;
    const value = argv[i + 1] ?? fail(errors.syntax);
    if (isWord(name, 'rank')) search.rank = parseRank(value);
    else if (isWord(name, 'count')) search.count = parseAmount('COUNT', value);
    else if (isWord(name, 'maxlen')) search.length = parseAmount('MAXLEN', value);
    else fail(errors.syntax);
  }
  return search;
}

function parseRank(text: string): number {
  const rank = parseInteger(text);
  if (rank < -LARGEST) fail(WITHIN);
  return rank === 0 ? fail(RANK_ZERO) : rank;
}

function parseAmount(option: string, text: string): number {
  return parseIntegerWithin(text, 0, Number.POSITIVE_INFINITY, `ERR ${option} can't be negative`);
}

function positionsOf(list: List, { element, rank, count = 1, length }: Search): number[] {
  const positions: number[] = [];
  let matches = 0;
  let compared = 0;
  for (const [position, candidate] of list.from(rank > 0 ? 'head' : 'tail')) {
    if (length > 0 && compared++ === length) break;
    if (candidate !== element || ++matches < Math.abs(rank)) continue;
    positions.push(position);
    if (positions.length === count) break;
  }
  return positions;
}

function position(context: CommandContext, argv: readonly string[]): Reply {
  const { reply } = context;
  const search = parseSearch(argv);
  const list = findList(context, argv[1] as string);
  const found = list === undefined ? [] : positionsOf(list, search);
  if (search.count !== undefined) return reply.array(found.map((each) => reply.integer(each)));
  return found[0] === undefined ? reply.nullBulk : reply.integer(found[0]);
}

/** What the four have in common. */
const shared = {
  group: 'list',
  keys: oneKey(['RO', 'access']),
} as const satisfies Partial<Command>;

export const listReadCommands: readonly Command[] = [
  {
    ...shared,
    name: 'lindex',
    summary: 'Returns the element at an index; negative ones count from the tail.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly'],
    arguments: [keyArgument, { name: 'index', type: 'integer' }],
    run: index,
  },
  {
    ...shared,
    name: 'llen',
    summary: 'Returns how many elements a list has.',
    since: '1.0.0',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: length,
  },
  {
    ...shared,
    name: 'lpos',
    summary: 'Returns at which indexes an element stands.',
    since: '6.0.6',
    complexity: 'O(N), N being the number of elements compared',
    arity: -3,
    flags: ['readonly'],
    arguments: [
      keyArgument,
      element,
      { name: 'rank', type: 'integer', token: 'RANK', flags: ['optional'] },
      { name: 'num-matches', type: 'integer', token: 'COUNT', flags: ['optional'] },
      { name: 'len', type: 'integer', token: 'MAXLEN', flags: ['optional'] },
    ],
    run: position,
  },
  {
    ...shared,
    name: 'lrange',
    summary: 'Returns the elements from one index to another.',
    since: '1.0.0',
    complexity: 'O(N), N being the number of elements returned',
    arity: 4,
    flags: ['readonly'],
    arguments: [keyArgument, { name: 'start', type: 'integer' }, { name: 'stop', type: 'integer' }],
    run: range,
  },
];
