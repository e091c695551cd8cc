/** What is asked of values at a path: their type and size, their keys, and where in an array something is. */

import { INT64_MAX } from '../../base/integer.js';
import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import { isInteger, toDouble } from '../../types/json/number.js';
import { bytesOf, isEqual, isObject, type Json, typeOfJson } from '../../types/json/value.js';
import { parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keyArgument, keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';
import {
  jsonErrors,
  noPath,
  noPathOr,
  optionalPath,
  parseValue,
  pathArgument,
  ROOT,
  readAt,
  readingCommand,
  valueArgument,
  wrongType,
} from './shared.js';

function runType(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT] = argv;
  const { reply } = context;
  const types = readAt(context, key, path, { reply: (value) => reply.bulk(typeOfJson(value)) });
  // In RESP3 there is always one array around it.
  return reply.version === 3 ? reply.array([types]) : types;
}

function runStringLength(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT] = argv;
  const { reply } = context;
  return readAt(context, key, path, {
    reply: (value) => (typeof value === 'string' ? reply.integer(value.length) : undefined),
    withoutKey: ({ isLegacy }) => (isLegacy ? reply.nullBulk : fail(jsonErrors.noKey)),
    withoutPath: ({ text }) => fail(noPath(text)),
    withWrongType: (_, value) => fail(wrongType('string', value)),
  });
}

function runArrayLength(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT] = argv;
  const { reply } = context;
  return readAt(context, key, path, {
    reply: (value) => (Array.isArray(value) ? reply.integer(value.length) : undefined),
    withoutKey: ({ isLegacy }) => (isLegacy ? reply.nullBulk : fail(jsonErrors.noKey)),
    withoutPath: ({ given }) => fail(noPathOr(given, 'not an array')),
    withWrongType: ({ given }) => fail(noPathOr(given, 'not an array')),
  });
}

function runObjectLength(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT] = argv;
  const { reply } = context;
  return readAt(context, key, path, {
    reply: (value) => (isObject(value) ? reply.integer(value.size) : undefined),
    withoutKey: ({ isLegacy, text }) => {
      return isLegacy ? reply.nullBulk : fail(noPathOr(text, 'not an object'));
    },
    withWrongType: (_, value) => fail(wrongType('object', value)),
  });
}

function runObjectKeys(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT] = argv;
  const { reply } = context;
  return readAt(context, key, path, {
    reply: (value) => (isObject(value) ? reply.bulks([...value.keys()]) : undefined),
    withoutKey: ({ isLegacy }) => (isLegacy ? reply.nullBulk : fail(jsonErrors.noKey)),
    withWrongType: ({ text }) => fail(noPathOr(text, 'not an object')),
  });
}

function runArrayIndex(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = '', text = '', start = '0', stop = '0'] = argv;
  const { reply } = context;
  const wanted = parseValue(context, text);
  const range = { start: parseInteger(start), stop: parseInteger(stop) };
  return readAt(context, key, path, {
    reply: (value) => {
      return Array.isArray(value) ? reply.integer(indexOf(value, wanted, range)) : undefined;
    },
    withoutKey: (missing) => fail(noPath(missing.text)),
    withoutPath: (missing) => fail(noPath(missing.text)),
    withWrongType: (_, value) => fail(wrongType('array', value)),
  });
}

interface IndexRange {
  readonly start: number;
  /** Excluded; 0 is the end. */
  readonly stop: number;
}

/** The first element that is the value; -1 if there is none. Bounds beyond the ends mean the ends. */
function indexOf(array: readonly Json[], wanted: Json, { start, stop }: IndexRange): number {
  const { length } = array;
  const from = start < 0 ? Math.max(0, length + start) : Math.min(start, length - 1);
  const end = stop <= 0 ? length + stop : Math.min(stop, length);
  for (let i = Math.max(0, from); i < end; i++) if (isEqual(array[i] as Json, wanted)) return i;
  return -1;
}

function runResp(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT] = argv;
  return readAt(context, key, path, {
    reply: (value) => {
      context.db.reserve(bytesOf(value));
      return respOf(context.reply, value);
    },
    withoutPath: ({ text }) => fail(noPath(text)),
  });
}

/** The value in RESP2's types: an array begins with the bracket of what it stands for. */
function respOf(reply: ReplyEncoder, value: Json): Reply {
  if (value === null) return reply.nullBulk;
  if (typeof value === 'boolean') return reply.simple(String(value));
  if (typeof value === 'string') return reply.bulk(value);
  if (Array.isArray(value)) {
    return reply.array([reply.simple('['), ...value.map((item) => respOf(reply, item))]);
  }
  if (isObject(value)) {
    const items = [...value].flatMap(([key, item]) => [reply.bulk(key), respOf(reply, item)]);
    return reply.array([reply.simple('{'), ...items]);
  }
  if (!isInteger(value)) return reply.double(toDouble(value));
  return value > INT64_MAX ? reply.bulk(String(value)) : reply.integer(value);
}

function runDebugMemory(context: CommandContext, argv: readonly string[]): Reply {
  const [, , key = '', path = ROOT] = argv;
  const { reply } = context;
  return readAt(context, key, path, {
    reply: (value) => reply.integer(bytesOf(value)),
    withoutKey: ({ isLegacy }) => (isLegacy ? reply.integer(0) : reply.emptyArray),
    withoutPath: ({ text }) => fail(noPath(text)),
  });
}

const debugCommand: Command = {
  name: 'json.debug',
  summary: 'A container for debugging commands of JSON.',
  since: '1.0.0',
  group: 'json',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [
    readingCommand({
      name: 'memory',
      summary: 'Returns about how many bytes the values at a path take in memory.',
      complexity: 'O(N), N being the size of the document',
      arity: -3,
      keys: [keysAt(2, 0, 1, ['RO', 'access'])],
      run: runDebugMemory,
    }),
    helpSubcommand('json.debug', '1.0.0', 'json', [
      ['MEMORY <key> [path]', 'Bytes that the values at the path take in memory, about.'],
    ]),
  ],
};

const byPath =
  'O(1) for one value at a path from the root, otherwise O(N), N being the size of the document';

export const jsonReadCommands: readonly Command[] = [
  readingCommand({
    name: 'json.type',
    summary: 'Returns the types of the values at a path.',
    complexity: byPath,
    arity: -2,
    run: runType,
  }),
  readingCommand({
    name: 'json.strlen',
    summary: 'Returns the lengths of the strings at a path, in bytes.',
    complexity: byPath,
    arity: -2,
    run: runStringLength,
  }),
  readingCommand({
    name: 'json.arrlen',
    summary: 'Returns the lengths of the arrays at a path.',
    complexity: byPath,
    arity: -2,
    run: runArrayLength,
  }),
  readingCommand({
    name: 'json.objlen',
    summary: 'Returns the numbers of keys of the objects at a path.',
    complexity: byPath,
    arity: -2,
    run: runObjectLength,
  }),
  readingCommand({
    name: 'json.objkeys',
    summary: 'Returns the keys of the objects at a path.',
    complexity: 'O(N), N being the number of keys',
    arity: -2,
    run: runObjectKeys,
  }),
  readingCommand({
    name: 'json.arrindex',
    summary: 'Returns where in the arrays at a path a value is first.',
    complexity: 'O(N), N being the number of elements',
    arity: -4,
    arguments: [
      keyArgument,
      pathArgument,
      valueArgument,
      {
        name: 'range',
        type: 'block',
        flags: ['optional'],
        arguments: [
          { name: 'start', type: 'integer' },
          { name: 'stop', type: 'integer', flags: ['optional'] },
        ],
      },
    ],
    run: runArrayIndex,
  }),
  readingCommand({
    name: 'json.resp',
    summary: "Returns the values at a path in RESP's types.",
    complexity: 'O(N), N being the size of the values',
    arity: -2,
    arguments: [keyArgument, optionalPath],
    run: runResp,
  }),
  debugCommand,
];
