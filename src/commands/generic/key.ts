/** Commands on keys of any type: whether they are there, what they are, copies, other names and other places. */

import type { Database } from '../../keyspace/database.js';
import type { Reply } from '../../protocol/reply.js';
import { copy } from '../../types/copy.js';
import { isWord, parseInteger32 } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { typeName } from '../type-name.js';

const SAME_OBJECT = 'ERR source and destination objects are the same';

function countKeys(argv: readonly string[], test: (key: string) => boolean): number {
  let count = 0;
  for (let i = 1; i < argv.length; i++) {
    if (test(argv[i] as string)) count++;
  }
  return count;
}

/** DEL and UNLINK: in DiskDB both take the same short time, whatever the size. */
function runDelete({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(countKeys(argv, (key) => db.delete(key)));
}

/** To ask whether a key is there is no use of it. */
function runExists({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(countKeys(argv, (key) => db.peek(key) !== undefined));
}

function runTouch({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(countKeys(argv, (key) => db.get(key) !== undefined));
}

function runType({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const record = db.peek(argv[1] as string)?.record;
  return reply.simple(record === undefined ? 'none' : typeName(record));
}

function databaseNamed({ server }: CommandContext, text: string): Database {
  const index = parseInteger32(text);
  if (index < 0 || index >= server.keyspace.databaseCount) fail('ERR DB index is out of range');
  return server.keyspace.database(index);
}

interface CopyOptions {
  readonly target: Database;
  readonly replace: boolean;
}

function parseCopyOptions(context: CommandContext, argv: readonly string[]): CopyOptions {
  let target = context.db;
  let replace = false;
  for (let i = 3; i < argv.length; i++) {
    const option = argv[i] as string;
    if (isWord(option, 'replace')) {
      replace = true;
    } else if (isWord(option, 'db') && i + 1 < argv.length) {
      target = databaseNamed(context, argv[++i] as string);
    } else {
      fail(errors.syntax);
    }
  }
  return { target, replace };
}

function runCopy(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const { target, replace } = parseCopyOptions(context, argv);
  const [, from, to] = argv as [string, string, string];
  if (db === target && from === to) fail(SAME_OBJECT);
  const source = db.entry(from);
  const replaces = target.get(to) !== undefined;
  if (source === undefined || (!replace && replaces)) return reply.integer(0);
  // What stands at the target is deleted first: another key takes its place.
  if (replaces) target.notify('new', 'new', to);
  copy(db, source, target, to);
  target.notify('generic', 'copy_to', to);
  return reply.integer(1);
}

function runMove(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const key = argv[1] as string;
  const target = databaseNamed(context, argv[2] as string);
  if (db === target) fail(SAME_OBJECT);
  const source = db.entry(key);
  if (source === undefined || target.get(key) !== undefined) return reply.integer(0);
  copy(db, source, target, key);
  db.delete(key);
  db.notify('generic', 'move_from', key);
  target.notify('generic', 'move_to', key);
  return reply.integer(1);
}

function rename(db: Database, from: string, to: string): void {
  if (from === to) return;
  if (db.get(to) !== undefined) db.notify('new', 'new', to);
  db.rename(from, to);
  db.notify('generic', 'rename_from', from);
  db.notify('generic', 'rename_to', to);
}

function runRename({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, from, to] = argv as [string, string, string];
  if (db.get(from) === undefined) fail(errors.noSuchKey);
  rename(db, from, to);
  return reply.ok;
}

function runRenameIfFree({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, from, to] = argv as [string, string, string];
  if (db.get(from) === undefined) fail(errors.noSuchKey);
  if (db.get(to) !== undefined) return reply.integer(0);
  rename(db, from, to);
  return reply.integer(1);
}

const SUM_OVER_SHARDS = ['request_policy:multi_shard', 'response_policy:agg_sum'] as const;
const manyKeys: Command['arguments'] = [{ ...keyArgument, flags: ['multiple'] }];
const renameArguments: Command['arguments'] = [
  keyArgument,
  { name: 'newkey', type: 'key', keySpecIndex: 1 },
];

export const keyCommands: readonly Command[] = [
  {
    name: 'del',
    summary: 'Deletes keys, and returns how many there were.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys that will be removed, whatever they hold.',
    arity: -2,
    flags: ['write'],
    keys: [keysAt(1, -1, 1, ['RM', 'delete'])],
    tips: SUM_OVER_SHARDS,
    arguments: manyKeys,
    run: runDelete,
  },
  {
    name: 'unlink',
    summary: 'Deletes keys, as DEL does: the space is cleared in the background.',
    since: '4.0.0',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys that will be removed, whatever they hold.',
    arity: -2,
    flags: ['write', 'fast'],
    keys: [keysAt(1, -1, 1, ['RM', 'delete'])],
    tips: SUM_OVER_SHARDS,
    arguments: manyKeys,
    run: runDelete,
  },
  {
    name: 'exists',
    summary: 'Counts the keys that exist; one that is named twice counts twice.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys to check.',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysAt(1, -1, 1, ['RO'])],
    tips: SUM_OVER_SHARDS,
    history: [['3.0.3', 'Accepts multiple `key` arguments.']],
    arguments: manyKeys,
    run: runExists,
  },
  {
    name: 'touch',
    summary: 'Uses keys, so that they stay in the cache, and counts those that exist.',
    since: '3.2.1',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys that will be touched.',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: [keysAt(1, -1, 1, ['RO'])],
    tips: SUM_OVER_SHARDS,
    arguments: manyKeys,
    run: runTouch,
  },
  {
    name: 'type',
    summary: 'Returns the type of what stands at a key; none without a key.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: runType,
  },
  {
    name: 'copy',
    summary: 'Gives another key the same value and expiry, in this or another database.',
    since: '6.2.0',
    group: 'generic',
    complexity: 'O(N) for collections and long strings, where N is their size; otherwise O(1).',
    arity: -3,
    flags: ['write', 'denyoom'],
    keys: [keysAt(1, 0, 1, ['RO', 'access']), keysAt(2, 0, 1, ['OW', 'update'])],
    arguments: [
      { name: 'source', type: 'key', keySpecIndex: 0 },
      { name: 'destination', type: 'key', keySpecIndex: 1 },
      { name: 'destination-db', type: 'integer', token: 'DB', flags: ['optional'] },
      { ...token('REPLACE'), flags: ['optional'] },
    ],
    run: runCopy,
  },
  {
    name: 'rename',
    summary: 'Gives what stands at a key another name, whatever was there.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write'],
    keys: [keysAt(1, 0, 1, ['RW', 'access', 'delete']), keysAt(2, 0, 1, ['OW', 'update'])],
    arguments: renameArguments,
    run: runRename,
  },
  {
    name: 'renamenx',
    summary: 'Gives what stands at a key another name, if that is free.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['write', 'fast'],
    keys: [keysAt(1, 0, 1, ['RW', 'access', 'delete']), keysAt(2, 0, 1, ['OW', 'insert'])],
    history: [
      ['3.2.0', 'The command no longer returns an error when source and target are the same.'],
    ],
    arguments: renameArguments,
    run: runRenameIfFree,
  },
  {
    name: 'move',
    summary: 'Moves a key to another database, if that does not have it.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) for collections and long strings, where N is their size; otherwise O(1).',
    arity: 3,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'access', 'update']),
    arguments: [keyArgument, { name: 'db', type: 'integer' }],
    run: runMove,
  },
];
