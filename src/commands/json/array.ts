/** Changes of arrays at a path. */

import type { Reply } from '../../protocol/reply.js';
import type { JsonDocument } from '../../types/json/document.js';
import { jsonText } from '../../types/json/text.js';
import type { Json } from '../../types/json/value.js';
import { parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument } from '../key-specs.js';
import type { Command } from '../spec.js';
import {
  jsonErrors,
  parseValue,
  pathArgument,
  ROOT,
  replyOfUpdate,
  valueArgument,
  writingCommand,
} from './shared.js';

/** Changes the arrays at the path in place. */
function updateArrays(
  context: CommandContext,
  key: string,
  path: string,
  update: (array: Json[], document: JsonDocument) => Reply,
): Reply {
  return replyOfUpdate(context, key, path, 'not an array', (place, document) => {
    if (!Array.isArray(place.value)) return undefined;
    const result = update(place.value, document);
    document.noteChange(place);
    return result;
  });
}

function runAppend(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = '', ...texts] = argv;
  const values = texts.map((text) => parseValue(context, text));
  return updateArrays(context, key, path, (array, document) => {
    for (const value of values) array.push(document.copyOf(value));
    return context.reply.integer(array.length);
  });
}

function runInsert(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = '', indexText = '', ...texts] = argv;
  const index = parseInteger(indexText);
  const values = texts.map((text) => parseValue(context, text));
  return updateArrays(context, key, path, (array, document) => {
    const at = index < 0 ? array.length + index : index;
    if (at < 0 || at > array.length) fail(jsonErrors.indexOutOfBounds);
    const tail = array.splice(at);
    for (const value of values) array.push(document.copyOf(value));
    for (const value of tail) array.push(value);
    return context.reply.integer(array.length);
  });
}

function runPop(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = ROOT, indexText = '-1'] = argv;
  const { reply } = context;
  // As in RedisJSON, what is no integer means the last element.
  const index = /^-?[0-9]+$/.test(indexText) ? parseInteger(indexText) : -1;
  return updateArrays(context, key, path, (array) => {
    const from = index < 0 ? Math.max(0, array.length + index) : index;
    const [popped] = array.splice(Math.min(from, array.length - 1), 1);
    return popped === undefined ? reply.nullBulk : reply.bulk(jsonText(popped));
  });
}

function runTrim(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', path = '', startText = '', stopText = ''] = argv;
  const start = parseInteger(startText);
  const stop = parseInteger(stopText);
  return updateArrays(context, key, path, (array) => {
    const { length } = array;
    const from = start < 0 ? Math.max(0, length + start) : start;
    const last = stop < 0 ? length + stop : Math.min(stop, length - 1);
    array.splice(Math.max(0, last + 1));
    array.splice(0, from);
    return context.reply.integer(array.length);
  });
}

const values = { ...valueArgument, flags: ['multiple'] } as const;

export const jsonArrayCommands: readonly Command[] = [
  writingCommand({
    name: 'json.arrappend',
    summary: 'Appends values to the arrays at a path.',
    complexity: 'O(N), N being the size of the document',
    arity: -4,
    arguments: [keyArgument, pathArgument, values],
    run: runAppend,
  }),
  writingCommand({
    name: 'json.arrinsert',
    summary: 'Inserts values into the arrays at a path, before an index.',
    complexity: 'O(N), N being the size of the document',
    arity: -5,
    arguments: [keyArgument, pathArgument, { name: 'index', type: 'integer' }, values],
    run: runInsert,
  }),
  writingCommand({
    name: 'json.arrpop',
    summary: 'Removes an element of the arrays at a path, and returns it as JSON text.',
    complexity: 'O(N), N being the size of the document',
    arity: -2,
    arguments: [
      keyArgument,
      {
        name: 'position',
        type: 'block',
        flags: ['optional'],
        arguments: [pathArgument, { name: 'index', type: 'integer', flags: ['optional'] }],
      },
    ],
    run: runPop,
  }),
  writingCommand({
    name: 'json.arrtrim',
    summary: 'Trims the arrays at a path to the elements from one index to another.',
    complexity: 'O(N), N being the size of the document',
    arity: 5,
    flags: ['write'],
    arguments: [
      keyArgument,
      pathArgument,
      { name: 'start', type: 'integer' },
      { name: 'stop', type: 'integer' },
    ],
    run: runTrim,
  }),
];
