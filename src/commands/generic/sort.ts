/** SORT and SORT_RO. */

import type { Argument } from '../../base/large-string.js';
import type { Reply } from '../../protocol/reply.js';
import { List } from '../../types/list/list.js';
import { hasStar, valuesOf } from '../../types/sort/pattern.js';
import { findSortable, type Sortable, sortElements } from '../../types/sort/sort.js';
import { parseInteger, textArgument } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, token } from '../key-specs.js';
import type { ArgumentSpec, Command, KeyReference, KeySpec } from '../spec.js';

interface SortOptions {
  by: string | undefined;
  /** A BY that names the same for all elements: they stay as they are. */
  isUnsorted: boolean;
  offset: number;
  /** Negative: all. */
  count: number;
  descending: boolean;
  alpha: boolean;
  /** Patterns of what is answered in the place of the elements. */
  readonly get: string[];
  store: string | undefined;
}

/** How many arguments each option takes. */
const VALUE_COUNTS: ReadonlyMap<string, number> = new Map([
  ['asc', 0],
  ['desc', 0],
  ['alpha', 0],
  ['limit', 2],
  ['store', 1],
  ['by', 1],
  ['get', 1],
]);

function parseSortOptions(argv: readonly string[], isReadOnly: boolean): SortOptions {
  const options: SortOptions = {
    by: undefined,
    isUnsorted: false,
    offset: 0,
    count: -1,
    descending: false,
    alpha: false,
    get: [],
    store: undefined,
  };
  for (let i = 2; i < argv.length; i++) {
    const name = (argv[i] as string).toLowerCase();
    const count = VALUE_COUNTS.get(name);
    if (count === undefined || (isReadOnly && name === 'store')) fail(errors.syntax);
    const values = argv.slice(i + 1, i + 1 + count);
    if (values.length < count) fail(errors.syntax);
    setOption(options, name, values);
    i += count;
  }
  return options;
}

function setOption(options: SortOptions, name: string, values: readonly string[]): void {
  const [value = '', second = ''] = values;
  switch (name) {
    case 'asc':
    case 'desc':
      options.descending = name === 'desc';
      return;
    case 'alpha':
      options.alpha = true;
      return;
    case 'limit':
      options.offset = parseInteger(value);
      options.count = parseInteger(second);
      return;
    case 'by':
      options.by = value;
      options.isUnsorted ||= !hasStar(value);
      return;
    case 'get':
      options.get.push(value);
      return;
    case 'store':
      options.store = value;
  }
}

function sort(isReadOnly: boolean): NonNullable<Command['run']> {
  return (context, argv) => {
    const options = parseSortOptions(argv, isReadOnly);
    checkPatterns(context, argv, options);
    const source = findSortable(context.db, argv[1] as string);
    const elements = source === undefined ? [] : elementsOf(context, source, options);
    const values = elementValues(context, elements, options.get);
    if (options.store !== undefined) return store(context, options.store, values);
    const { reply } = context;
    return reply.array(values.map((value) => reply.bulkOrNull(value)));
  };
}

/** The keys that patterns name are known only later: who uses them must be allowed to read every key. */
function checkPatterns(
  { client, server }: CommandContext,
  argv: readonly string[],
  { by, isUnsorted, get }: SortOptions,
): void {
  const option = by !== undefined && !isUnsorted ? 'BY' : 'GET';
  if ((option === 'GET' && get.length === 0) || client.account.isUnrestricted) return;
  const command = server.commands.lookup(argv);
  if (command === undefined || client.account.readsAllKeys(command, argv)) return;
  fail(`ERR ${option} option of SORT denied due to insufficient ACL permissions.`);
}

/** The elements that LIMIT leaves, in order. */
function elementsOf({ db }: CommandContext, source: Sortable, options: SortOptions): string[] {
  const { length, isSet } = source;
  const { by, alpha, descending, offset, count } = options;
  const start = Math.min(Math.max(offset, 0), length);
  const end = count < 0 ? length : Math.min(start + count, length);
  if (!options.isUnsorted) {
    const all = source.slice(0, length, false);
    return sortElements(db, all, { by, alpha, descending }).slice(start, end);
  }
  const mustNotVary = options.store !== undefined || db.mustFinish;
  if (!isSet || !mustNotVary) return source.slice(start, end, descending);
  // What is stored of a set, or what a script sees of it, must not depend on how the set lies in memory.
  const all = source.slice(0, length, false);
  return sortElements(db, all, { by: undefined, alpha: true, descending }).slice(start, end);
}

/** Of each element what the patterns of GET name, or the elements themselves if there is no GET. */
function elementValues(
  { db }: CommandContext,
  elements: readonly string[],
  patterns: readonly string[],
): readonly (string | undefined)[] {
  if (patterns.length === 0) return elements;
  const columns = patterns.map((pattern) => valuesOf(db, pattern, elements));
  return elements.flatMap((_, i) => columns.map((column) => column[i]));
}

function store(
  context: CommandContext,
  key: string,
  values: readonly (string | undefined)[],
): Reply {
  const { db, reply } = context;
  if (values.length === 0) db.delete(key);
  else {
    const list = List.create(db, key);
    list.push(
      'tail',
      values.map((value) => value ?? ''),
    );
  }
  return reply.integer(values.length);
}

/** The key that is sorted, and the one of the last STORE. */
function sortKeys(argv: readonly Argument[]): readonly KeyReference[] {
  let target: number | undefined;
  for (let i = 2; i < argv.length; i++) {
    const name = textArgument(argv[i]).toLowerCase();
    if (name === 'store' && i + 1 < argv.length) target = i + 1;
    else i += VALUE_COUNTS.get(name) ?? 0;
  }
  const source: KeyReference = { position: 1, flags: ['RO', 'access'] };
  if (target === undefined) return [source];
  return [source, { position: target, flags: ['OW', 'update'] }];
}

const unknownPlace = { begin: { unknown: true }, find: { unknown: true } } as const;

const keys: readonly KeySpec[] = [
  keysAt(1, 0, 1, ['RO', 'access']),
  {
    ...unknownPlace,
    flags: ['RO', 'access'],
    notes:
      "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
  },
];

const storeKey: KeySpec = {
  ...unknownPlace,
  flags: ['OW', 'update'],
  notes:
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
};

const sortArguments: readonly ArgumentSpec[] = [
  keyArgument,
  {
    name: 'by-pattern',
    type: 'pattern',
    display: 'pattern',
    keySpecIndex: 1,
    token: 'BY',
    flags: ['optional'],
  },
  {
    name: 'limit',
    type: 'block',
    token: 'LIMIT',
    flags: ['optional'],
    arguments: [
      { name: 'offset', type: 'integer' },
      { name: 'count', type: 'integer' },
    ],
  },
  {
    name: 'get-pattern',
    type: 'pattern',
    display: 'pattern',
    keySpecIndex: 1,
    token: 'GET',
    flags: ['optional', 'multiple', 'multiple_token'],
  },
  { name: 'order', type: 'oneof', flags: ['optional'], arguments: [token('ASC'), token('DESC')] },
  { name: 'sorting', type: 'pure-token', token: 'ALPHA', flags: ['optional'] },
];

const outline = {
  group: 'generic',
  complexity:
    'O(N+M*log(M)), N being the number of elements, and M how many of them are returned; O(N) if they are not sorted',
  arity: -2,
  categories: ['set', 'sortedset', 'list', 'dangerous'],
} as const;

export const sortCommands: readonly Command[] = [
  {
    ...outline,
    name: 'sort',
    summary: 'Sorts the elements of a list, a set or a sorted set, and may store the result.',
    since: '1.0.0',
    flags: ['write', 'denyoom'],
    keys: [...keys, storeKey],
    findKeys: sortKeys,
    arguments: [
      ...sortArguments,
      {
        name: 'destination',
        type: 'key',
        keySpecIndex: 2,
        token: 'STORE',
        flags: ['optional'],
      },
    ],
    run: sort(false),
  },
  {
    ...outline,
    name: 'sort_ro',
    summary: 'Sorts the elements of a list, a set or a sorted set, and stores nothing.',
    since: '7.0.0',
    flags: ['readonly'],
    keys,
    arguments: sortArguments,
    run: sort(true),
  },
];
