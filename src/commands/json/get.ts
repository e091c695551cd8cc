/** JSON.GET and JSON.MGET. */

import type { Database } from '../../keyspace/database.js';
import { typeOf, ValueType } from '../../keyspace/header.js';
import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import { budgetOf, find, read } from '../../types/json/json.js';
import { isInteger, toDouble } from '../../types/json/number.js';
import { parsePath } from '../../types/json/path.js';
import type { JsonPath } from '../../types/json/path-plan.js';
import { select } from '../../types/json/path-walk.js';
import { COMPACT, type JsonStyle, jsonText } from '../../types/json/text.js';
import { isObject, type Json } from '../../types/json/value.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { noPath, pathArgument, ROOT, readingCommand } from './shared.js';

type Format = 'string' | 'json' | 'expand';

interface GetArguments {
  readonly style: JsonStyle;
  readonly format: Format;
  readonly paths: readonly JsonPath[];
}

const STYLE_OPTIONS = ['indent', 'newline', 'space'] as const;

function parseGet({ reply }: CommandContext, argv: readonly string[]): GetArguments {
  const style = { ...COMPACT };
  const paths: string[] = [];
  let format: Format = 'string';
  for (let i = 2; i < argv.length; i++) {
    const argument = argv[i] as string;
    const word = argument.toLowerCase();
    const option = STYLE_OPTIONS.find((each) => each === word);
    if (option !== undefined) style[option] = argv[++i] ?? fail(arityError);
    else if (word === 'format') format = parseFormat(argv[++i] ?? fail(arityError), reply);
    else if (word !== 'noescape') paths.push(argument);
  }
  return { style, format, paths: (paths.length === 0 ? [ROOT] : paths).map(parsePath) };
}

const arityError = "ERR wrong number of arguments for 'json.get' command";

function parseFormat(text: string, { version }: ReplyEncoder): Format {
  const format = (['string', 'json', 'expand'] as const).find((f) => f === text.toLowerCase());
  if (format === undefined) return fail('ERR wrong format');
  if (version === 2 && format !== 'string') fail('ERR FORMAT argument is not supported on RESP2');
  return format;
}

function runGet(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const { style, format, paths } = parseGet(context, argv);
  const entry = find(db, argv[1] as string);
  if (entry === undefined) return reply.nullBulk;
  const root = read(db, entry);
  if (format === 'string')
    return reply.bulk(jsonText(result(db, root, paths), style, budgetOf(db)));
  const shape = (value: Json): Reply => {
    return format === 'expand'
      ? expanded(reply, value)
      : reply.bulk(jsonText(value, style, budgetOf(db)));
  };
  return reply.array(paths.map((path) => reply.array(valuesAt(db, root, path).map(shape))));
}

/** What the paths select, as one value: of several paths an object with an entry for each. */
function result(db: Database, root: Json, paths: readonly JsonPath[]): Json {
  const isLegacy = paths.every((path) => path.isLegacy);
  const resultOf = (path: JsonPath): Json => {
    const values = valuesAt(db, root, path);
    if (!isLegacy) return values;
    const [first] = values;
    return first === undefined ? fail(noPath(path.text)) : first;
  };
  if (paths.length === 1) return resultOf(paths[0] as JsonPath);
  return new Map(paths.map((path) => [path.given, resultOf(path)]));
}

function valuesAt(db: Database, root: Json, { segments }: JsonPath): Json[] {
  return select(segments, root, budgetOf(db)).map(({ value }) => value);
}

/** The value in RESP3's own types. */
function expanded(reply: ReplyEncoder, value: Json): Reply {
  if (value === null) return reply.nullBulk;
  if (typeof value === 'boolean') return reply.boolean(value);
  if (typeof value === 'string') return reply.bulk(value);
  if (Array.isArray(value)) return reply.array(value.map((item) => expanded(reply, item)));
  if (!isObject(value)) {
    return isInteger(value) ? reply.integer(value) : reply.double(toDouble(value));
  }
  return reply.map([...value].flatMap(([key, item]) => [reply.bulk(key), expanded(reply, item)]));
}

function runGetMany({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const keys = argv.slice(1, -1);
  const path = parsePath(argv.at(-1) as string);
  db.needKeys(keys);
  const texts = keys.map((key) => {
    const record = db.get(key);
    if (record === undefined || typeOf(record) !== ValueType.json) return reply.nullBulk;
    const entry = find(db, key);
    const values = entry === undefined ? [] : valuesAt(db, read(db, entry), path);
    if (!path.isLegacy) return reply.bulk(jsonText(values, COMPACT, budgetOf(db)));
    const [first] = values;
    return first === undefined
      ? reply.nullBulk
      : reply.bulk(jsonText(first, COMPACT, budgetOf(db)));
  });
  return reply.array(texts);
}

function option(name: string): ArgumentSpec {
  return { name, type: 'string', token: name.toUpperCase(), flags: ['optional'] };
}

export const jsonGetCommands: readonly Command[] = [
  readingCommand({
    name: 'json.get',
    summary: 'Returns the values at one or more paths, as JSON text.',
    complexity: 'O(N), N being the size of the document',
    arity: -2,
    arguments: [
      keyArgument,
      option('indent'),
      option('newline'),
      option('space'),
      { ...pathArgument, flags: ['optional', 'multiple'] },
    ],
    run: runGet,
  }),
  readingCommand({
    name: 'json.mget',
    summary: 'Returns the values at a path of several keys, as JSON text.',
    complexity: 'O(M*N), M being the number of keys and N the size of a document',
    arity: -3,
    keys: [keysAt(1, -2, 1, ['RO', 'access'])],
    arguments: [{ ...keyArgument, flags: ['multiple'] }, pathArgument],
    run: runGetMany,
  }),
];
