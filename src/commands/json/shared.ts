/** What the JSON commands share: their errors, the two forms of their replies, pieces of their entries. */

import type { Reply } from '../../protocol/reply.js';
import { distinct, type JsonDocument } from '../../types/json/document.js';
import { budgetOf, change, find, read } from '../../types/json/json.js';
import { parseJson } from '../../types/json/parse.js';
import { parsePath } from '../../types/json/path.js';
import type { JsonPath } from '../../types/json/path-plan.js';
import { type Place, select } from '../../types/json/path-walk.js';
import { type Json, typeOfJson } from '../../types/json/value.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';

/** The root, as a path of RedisJSON's first version: where a path may be left out, this is meant. */
export const ROOT = '.';

export const jsonErrors = {
  noKey: "ERR could not perform this operation on a key that doesn't exist",
  notAtRoot: 'ERR new objects must be created at the root',
  wrongStaticPath: 'Err: wrong static path',
  indexOutOfRange: 'ERR array index out of range',
  indexOutOfBounds: 'ERR index out of bounds',
  notANumber: 'ERR result is not a number',
} as const;

export function noPath(path: string): string {
  return `ERR Path '${path}' does not exist`;
}

/** `what` says what the value at the path must be: `not an array` … */
export function noPathOr(path: string, what: string): string {
  return `${noPath(path)} or ${what}`;
}

export function wrongType(expected: string, value: Json): string {
  const found = typeOfJson(value);
  return `WRONGTYPE wrong type of path value - expected ${expected} but found ${found}`;
}

/** The value of an argument. @throws JsonError */
export function parseValue({ db }: CommandContext, text: string): Json {
  return parseJson(text, budgetOf(db));
}

/** How a command reads what a path selects. What is not given is no error: the reply is null. */
export interface Reading {
  /** undefined: the value is of another type. */
  readonly reply: (value: Json) => Reply | undefined;
  /** For a key that is not there. */
  readonly withoutKey?: (path: JsonPath) => Reply;
  /** For a path of the first version that selects nothing, and one whose value is of another type. */
  readonly withoutPath?: (path: JsonPath) => Reply;
  readonly withWrongType?: (path: JsonPath, value: Json) => Reply;
}

/** The reply for what the path selects: of all values in an array, or of the first value if it is a legacy path. */
export function readAt(
  { db, reply }: CommandContext,
  key: string,
  pathText: string,
  reading: Reading,
): Reply {
  const path = parsePath(pathText);
  const entry = find(db, key);
  if (entry === undefined) return reading.withoutKey?.(path) ?? reply.nullBulk;
  const places = select(path.segments, read(db, entry), budgetOf(db));
  if (!path.isLegacy) {
    return reply.array(places.map(({ value }) => reading.reply(value) ?? reply.nullBulk));
  }
  const [first] = places;
  if (first === undefined) return reading.withoutPath?.(path) ?? reply.nullBulk;
  const { value } = first;
  return reading.reply(value) ?? reading.withWrongType?.(path, value) ?? reply.nullBulk;
}

/** Changes the value at the place, and returns what the reply says of it; undefined if it is of another type. */
export type Update<T> = (place: Place, document: JsonDocument) => T | undefined;

/** Changes all that the path selects, and returns what came of each. */
export function updateAt<T>(
  { db }: CommandContext,
  key: string,
  path: JsonPath,
  update: Update<T>,
): readonly (T | undefined)[] {
  const entry = find(db, key) ?? fail(jsonErrors.noKey);
  return change(db, entry, (document) => {
    const places = distinct(document.select(path.segments));
    return places.map((place) => update(place, document));
  });
}

/** The same as a reply: of all in an array, or of the last one if it is a legacy path. `what` is for noPathOr. */
export function replyOfUpdate(
  context: CommandContext,
  key: string,
  pathText: string,
  what: string,
  update: Update<Reply>,
): Reply {
  const { reply } = context;
  const path = parsePath(pathText);
  const results = updateAt(context, key, path, update);
  if (!path.isLegacy) return reply.array(results.map((result) => result ?? reply.nullBulk));
  return lastOf(results) ?? fail(noPathOr(path.text, what));
}

/** The last that is there. */
export function lastOf<T>(results: readonly (T | undefined)[]): T | undefined {
  return results.filter((result) => result !== undefined).at(-1);
}

export const pathArgument: ArgumentSpec = { name: 'path', type: 'string' };
export const optionalPath: ArgumentSpec = { ...pathArgument, flags: ['optional'] };
export const valueArgument: ArgumentSpec = { name: 'value', type: 'string' };

type Outline = Pick<Command, 'name' | 'summary' | 'arity' | 'complexity'> & Partial<Command>;

/** A command that reads the document at one key. */
export function readingCommand(outline: Outline): Command {
  return {
    since: '1.0.0',
    group: 'json',
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    arguments: [keyArgument, optionalPath],
    ...outline,
  };
}

/** A command that changes the document at one key. */
export function writingCommand(outline: Outline): Command {
  return {
    since: '1.0.0',
    group: 'json',
    flags: ['write', 'denyoom'],
    keys: oneKey(['RW', 'update']),
    arguments: [keyArgument, pathArgument],
    ...outline,
  };
}
