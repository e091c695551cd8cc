/**
 * The keyspace event that tells of a key which a command has changed, by class. Commands with several, or with one
 * that depends on more than the change, note theirs where they happen (`db.notify`).
 */

import type { EventClassName } from '../keyspace/events.js';

const EVENTS: Partial<Record<EventClassName, Readonly<Record<string, string>>>> = {
  generic: {
    ...own('del', 'persist', 'restore'),
    unlink: 'del',
    getdel: 'del',
    'json.del': 'json.del',
  },
  string: {
    ...own('append', 'incrbyfloat', 'setrange', 'pfadd'),
    ...all('set', 'getset', 'setnx', 'bitop'),
    ...all('incrby', 'incr', 'incrby', 'decr', 'decrby'),
    pfmerge: 'pfadd',
  },
  list: {
    ...own('lpush', 'rpush', 'lpop', 'rpop', 'linsert', 'lset', 'lrem'),
    lpushx: 'lpush',
    rpushx: 'rpush',
    blpop: 'lpop',
    brpop: 'rpop',
    sort: 'sortstore',
  },
  set: own('sadd', 'srem', 'spop', 'sdiffstore', 'sinterstore', 'sunionstore'),
  hash: {
    ...own('hdel', 'hincrby', 'hincrbyfloat'),
    ...all('hset', 'hset', 'hmset', 'hsetnx'),
    hgetdel: 'hdel',
  },
  sortedSet: {
    ...own('zrem', 'zremrangebylex', 'zremrangebyrank', 'zremrangebyscore', 'zpopmin', 'zpopmax'),
    ...own('zdiffstore', 'zinterstore', 'zunionstore', 'zrangestore', 'geosearchstore'),
    ...all('georadiusstore', 'georadius', 'georadiusbymember'),
    bzpopmin: 'zpopmin',
    bzpopmax: 'zpopmax',
  },
  stream: {
    ...own('xdel', 'xtrim', 'xsetid'),
    'xgroup|create': 'xgroup-create',
    'xgroup|delconsumer': 'xgroup-delconsumer',
    'xgroup|destroy': 'xgroup-destroy',
    'xgroup|setid': 'xgroup-setid',
  },
  module: own(
    ...['json.arrappend', 'json.arrinsert', 'json.arrpop', 'json.arrtrim', 'json.clear'],
    ...['json.merge', 'json.mset', 'json.numincrby', 'json.nummultby', 'json.set'],
    ...['json.strappend', 'json.toggle'],
  ),
};

/**
 * Commands that write, and look keys up to read them first, or that look for a key more than once: the keys that they read are
 * hits or misses, each once, and no others are.
 */
const KEY_READERS: ReadonlySet<string> = new Set([
  ...['getdel', 'getex', 'getset', 'bitop', 'copy', 'pfmerge', 'sort', 'georadius'],
  ...['georadiusbymember', 'geosearchstore', 'zrangestore', 'zdiffstore', 'zinterstore'],
  ...['zunionstore', 'sdiffstore', 'sinterstore', 'sunionstore', 'xreadgroup', 'xclaim', 'xack'],
  ...[
    'hgetall',
    'hvals',
    'xautoclaim',
    'bitfield_ro',
    'sort_ro',
    'zunion',
    'zinter',
    'zdiff',
    'zintercard',
  ],
]);

/** MEMORY USAGE looks at a key from outside; what a script runs is counted by itself. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  'memory|usage',
  'eval_ro',
  'evalsha_ro',
  'fcall_ro',
]);

/** Whether look-ups of keys by a command that does not write are hits or misses. */
export function countsLookUps(fullName: string): boolean {
  return !UNCOUNTED.has(fullName);
}

/** Whether only the keys that the command's table says it reads are hits or misses. */
export function countsKeysRead(fullName: string): boolean {
  return KEY_READERS.has(fullName);
}

export interface KeyEvent {
  readonly kind: EventClassName;
  readonly name: string;
  /** A key that is gone afterwards was replaced by nothing, or deleted: only `del` tells of it. */
  readonly replaces: boolean;
}

const byCommand: ReadonlyMap<string, KeyEvent> = new Map(
  Object.entries(EVENTS).flatMap(([kind, events]) =>
    Object.entries(events).map(([command, name]) => {
      const replaces = name === 'del' || name.endsWith('store') || command === 'bitop';
      return [command, { kind: kind as EventClassName, name, replaces }] as const;
    }),
  ),
);

/** Of a command's or subcommand's full name. */
export function keyEventOf(fullName: string): KeyEvent | undefined {
  return byCommand.get(fullName);
}

/** Events that are called as their commands. */
function own(...commands: readonly string[]): Record<string, string> {
  return Object.fromEntries(commands.map((command) => [command, command]));
}

/** Commands that have the same event. */
function all(event: string, ...commands: readonly string[]): Record<string, string> {
  return Object.fromEntries(commands.map((command) => [command, event]));
}
