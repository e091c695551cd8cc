/** Changes of values at a path: numbers, strings, booleans, and what removes or clears any value. */

import type { Reply } from '../../protocol/reply.js';
import { type JsonDocument, outermost } from '../../types/json/document.js';
import { change, find } from '../../types/json/json.js';
import {
  combine,
  isInteger,
  type JsonNumber,
  numberText,
  toDouble,
} from '../../types/json/number.js';
import { parsePath } from '../../types/json/path.js';
import type { Place } from '../../types/json/path-walk.js';
import { isContainer, isNumber, isObject } from '../../types/json/value.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { Command } from '../spec.js';
import {
  jsonErrors,
  lastOf,
  noPathOr,
  optionalPath,
  parseValue,
  pathArgument,
  ROOT,
  replyOfUpdate,
  updateAt,
  valueArgument,
  writingCommand,
  wrongType,
} from './shared.js';

function runNumber(operation: '+' | '*', context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', pathText = '', text = ''] = argv;
  const path = parsePath(pathText);
  const operand = numberArgument(context, text);
  const results = updateAt(context, key, path, ({ value, ...place }, document) => {
    if (!isNumber(value)) return undefined;
    const result = combine(operation, value, operand) ?? fail(jsonErrors.notANumber);
    document.replace({ value, ...place }, result);
    return result;
  });
  const { reply } = context;
  if (reply.version === 3)
    return reply.array(results.map((result) => numberReply(context, result)));
  if (!path.isLegacy) return reply.bulk(`[${results.map(numberOrNull).join(',')}]`);
  const last = lastOf(results);
  return last === undefined
    ? fail(noPathOr(path.text, 'does not contains a number'))
    : reply.bulk(numberText(last));
}

function numberArgument(context: CommandContext, text: string): JsonNumber {
  const value = parseValue(context, text);
  return isNumber(value) ? value : fail('expected value at line 1 column 1');
}

function numberOrNull(value: JsonNumber | undefined): string {
  return value === undefined ? 'null' : numberText(value);
}

function numberReply({ reply }: CommandContext, value: JsonNumber | undefined): Reply {
  if (value === undefined) return reply.nullBulk;
  return isInteger(value) ? reply.integer(value) : reply.double(toDouble(value));
}

function runStringAppend(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', ...rest] = argv;
  const [path = ROOT, text = ''] = rest.length === 1 ? [ROOT, rest[0]] : rest;
  const suffix = parseValue(context, text);
  if (typeof suffix !== 'string') fail(wrongType('string', suffix));
  return replyOfUpdate(context, key, path, 'not a string', (place, document) => {
    if (typeof place.value !== 'string') return undefined;
    const longer = `${place.value}${suffix}`;
    document.replace(place, longer);
    return context.reply.integer(longer.length);
  });
}

function runToggle(context: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', pathText = ''] = argv;
  const { reply } = context;
  const { isLegacy } = parsePath(pathText);
  return replyOfUpdate(context, key, pathText, 'not a bool', (place, document) => {
    if (typeof place.value !== 'boolean') return undefined;
    const toggled = !place.value;
    document.replace(place, toggled);
    return isLegacy ? reply.bulk(String(toggled)) : reply.integer(toggled ? 1 : 0);
  });
}

function runDelete({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', pathText = ROOT] = argv;
  const { segments } = parsePath(pathText);
  const entry = find(db, key);
  if (entry === undefined) return reply.integer(0);
  if (segments.length === 0) {
    db.deleteEntry(entry);
    return reply.integer(1);
  }
  const removed = change(db, entry, (document) => {
    return document.remove(document.select(segments));
  });
  return reply.integer(removed);
}

function runClear({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, key = '', pathText = ROOT] = argv;
  const { segments } = parsePath(pathText);
  const entry = find(db, key) ?? fail(jsonErrors.noKey);
  const cleared = change(db, entry, (document) => {
    const places = outermost(document.select(segments));
    return places.filter((place) => clear(document, place)).length;
  });
  return reply.integer(cleared);
}

/** Empties a container, sets a number to 0; false if there is nothing to do. */
function clear(document: JsonDocument, place: Place): boolean {
  const { value } = place;
  const size = Array.isArray(value) ? value.length : isObject(value) ? value.size : 0;
  const isClear = isNumber(value) ? toDouble(value) === 0 : size === 0;
  if (isClear) return false;
  if (isNumber(value)) document.replace(place, 0);
  else if (isContainer(value)) document.replace(place, Array.isArray(value) ? [] : new Map());
  return true;
}

const overDocument = 'O(N), N being the size of the document';

const deleteCommand = writingCommand({
  name: 'json.del',
  summary: 'Deletes the values at a path; without a path, the key.',
  complexity: overDocument,
  arity: -2,
  flags: ['write'],
  keys: oneKey(['RW', 'delete']),
  arguments: [keyArgument, optionalPath],
  run: runDelete,
});

export const jsonUpdateCommands: readonly Command[] = [
  deleteCommand,
  { ...deleteCommand, name: 'json.forget', summary: 'Is another name of JSON.DEL.' },
  writingCommand({
    name: 'json.clear',
    summary: 'Empties the containers at a path, and sets its numbers to 0.',
    since: '2.0.0',
    complexity: overDocument,
    arity: -2,
    flags: ['write'],
    arguments: [keyArgument, optionalPath],
    run: runClear,
  }),
  writingCommand({
    name: 'json.numincrby',
    summary: 'Adds a number to the numbers at a path.',
    complexity: overDocument,
    arity: 4,
    arguments: [keyArgument, pathArgument, valueArgument],
    run: (context, argv) => runNumber('+', context, argv),
  }),
  writingCommand({
    name: 'json.nummultby',
    summary: 'Multiplies the numbers at a path by a number.',
    complexity: overDocument,
    arity: 4,
    arguments: [keyArgument, pathArgument, valueArgument],
    run: (context, argv) => runNumber('*', context, argv),
  }),
  writingCommand({
    name: 'json.strappend',
    summary: 'Appends to the strings at a path.',
    complexity: overDocument,
    arity: -3,
    arguments: [keyArgument, optionalPath, valueArgument],
    run: runStringAppend,
  }),
  writingCommand({
    name: 'json.toggle',
    summary: 'Turns the booleans at a path to their opposites.',
    since: '2.0.0',
    complexity: overDocument,
    arity: 3,
    run: runToggle,
  }),
];
