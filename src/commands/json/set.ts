/** JSON.SET, JSON.MSET and JSON.MERGE. */

import type { Database } from '../../keyspace/database.js';
import type { Reply } from '../../protocol/reply.js';
import { distinct, type JsonDocument } from '../../types/json/document.js';
import { change, find, set } from '../../types/json/json.js';
import { parsePath } from '../../types/json/path.js';
import type { JsonPath, Segment } from '../../types/json/path-plan.js';
import { changeKeys, copyOf, isObject, type Json } from '../../types/json/value.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { jsonErrors, parseValue, pathArgument, valueArgument, writingCommand } from './shared.js';

/** Set only what is not there (nx), or what is (xx). */
type SetCondition = 'nx' | 'xx' | undefined;

function parseCondition(argv: readonly string[]): SetCondition {
  const [option, ...rest] = argv.slice(4);
  if (option === undefined) return undefined;
  if (rest.length > 0) fail(errors.syntax);
  if (isWord(option, 'nx')) return 'nx';
  return isWord(option, 'xx') ? 'xx' : fail(errors.syntax);
}

function runSet(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const [, key = '', path = '', value = ''] = argv;
  const condition = parseCondition(argv);
  const isSet = setAt(db, key, parsePath(path), parseValue(context, value), condition);
  return isSet ? reply.ok : reply.nullBulk;
}

/** Puts the value at all that the path selects, or at the new key it names; false if nothing came of it. */
function setAt(
  db: Database,
  key: string,
  path: JsonPath,
  value: Json,
  condition: SetCondition,
): boolean {
  const entry = find(db, key);
  const isRoot = path.segments.length === 0;
  if (entry === undefined && !isRoot) fail(jsonErrors.notAtRoot);
  if (entry === undefined || isRoot) {
    if (condition === (entry === undefined ? 'xx' : 'nx')) return false;
    set(db, key, value);
    return true;
  }
  return change(db, entry, (document) => {
    const places = distinct(document.select(path.segments));
    if (places.length === 0) return condition !== 'xx' && add(document, path.segments, value);
    if (condition === 'nx') return false;
    for (const place of places) document.replace(place, value);
    return true;
  });
}

/** Adds the key that the path names last to the object it stands in; false if there is no such object. */
function add(document: JsonDocument, segments: readonly Segment[], value: Json): boolean {
  if (!segments.every(isStatic)) fail(jsonErrors.wrongStaticPath);
  const last = segments.at(-1)?.selectors[0];
  if (last?.kind !== 'name') return fail(jsonErrors.indexOutOfRange);
  const [parent] = document.select(segments.slice(0, -1));
  if (parent === undefined || !isObject(parent.value)) return false;
  document.add(parent, last.name, value);
  return true;
}

/** It names one key or index. */
function isStatic({ isDescendant, selectors }: Segment): boolean {
  const kind = selectors[0]?.kind;
  return !isDescendant && selectors.length === 1 && (kind === 'name' || kind === 'index');
}

function runSetMany(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  if ((argv.length - 1) % 3 !== 0) fail("ERR wrong number of arguments for 'json.mset' command");
  const sets = [];
  for (let i = 1; i < argv.length; i += 3) {
    const [key = '', path = '', value = ''] = argv.slice(i, i + 3);
    sets.push({ key, path: parsePath(path), value: parseValue(context, value) });
  }
  db.needKeys(sets.map(({ key }) => key));
  for (const { key, path, value } of sets) setAt(db, key, path, value, undefined);
  return reply.ok;
}

function runMerge(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const [, key = '', pathText = '', text = ''] = argv;
  const path = parsePath(pathText);
  const patch = parseValue(context, text);
  const entry = find(db, key);
  if (entry === undefined) {
    const isSet = setAt(db, key, path, merged(null, patch), undefined);
    return isSet ? reply.ok : reply.nullBulk;
  }
  const isMerged = change(db, entry, (document) => {
    const places = distinct(document.select(path.segments));
    if (places.length === 0) return add(document, path.segments, merged(null, patch));
    for (const place of places) document.replace(place, merged(place.value, patch));
    return true;
  });
  return isMerged ? reply.ok : reply.nullBulk;
}

/** The target with the patch applied: RFC 7396. */
function merged(target: Json, patch: Json): Json {
  if (!isObject(patch)) return copyOf(patch);
  const result = new Map(isObject(target) ? target : []);
  const changes = [...patch].map(([key, value]) => {
    return [key, value === null ? undefined : merged(result.get(key) ?? null, value)] as const;
  });
  changeKeys(result, changes);
  return result;
}

export const jsonSetCommands: readonly Command[] = [
  writingCommand({
    name: 'json.set',
    summary: 'Sets the JSON value at a path.',
    complexity: 'O(M+N), M being the size of the document and N that of the value',
    arity: -4,
    keys: oneKey(['RW', 'update', 'insert']),
    arguments: [
      keyArgument,
      pathArgument,
      valueArgument,
      {
        name: 'condition',
        type: 'oneof',
        flags: ['optional'],
        arguments: [token('NX'), token('XX')],
      },
    ],
    run: runSet,
  }),
  writingCommand({
    name: 'json.mset',
    summary: 'Sets JSON values at the paths of one or more keys, all or none.',
    since: '2.6.0',
    complexity:
      'O(K*(M+N)), K being the number of keys, M the size of a document and N that of a value',
    arity: -4,
    keys: [keysAt(1, -1, 3, ['RW', 'update', 'insert'])],
    arguments: [
      {
        name: 'triplet',
        type: 'block',
        flags: ['multiple'],
        arguments: [keyArgument, pathArgument, valueArgument],
      },
    ],
    run: runSetMany,
  }),
  writingCommand({
    name: 'json.merge',
    summary: 'Merges a JSON value into the values at a path (RFC 7396).',
    since: '2.6.0',
    complexity: 'O(M+N), M being the size of the document and N that of the value',
    arity: 4,
    keys: oneKey(['RW', 'update', 'insert']),
    arguments: [keyArgument, pathArgument, valueArgument],
    run: runMerge,
  }),
];
