/** Random requests over all types and what is common to them; only such as have one right reply. */

import { jsonCommands } from './mixed-json-commands.js';
import { laterCommands } from './mixed-later-commands.js';
import type { Maker, Parts, Request } from './mixed-parts.js';
import { byMemberCommands, sortedTypeCommands } from './mixed-sorted-commands.js';
import { streamCommands } from './mixed-stream-commands.js';

type SingleMaker = (parts: Parts) => Request;

const strings: readonly SingleMaker[] = [
  (p) => ['SET', p.key('str'), p.value()],
  (p) => ['SET', p.key('str'), p.value(), ...p.one(['NX'], ['XX'], ['GET'], ['KEEPTTL'])],
  (p) => ['SET', p.key('str'), p.value(), 'PXAT', p.later()],
  (p) => ['SETNX', p.key('str'), p.value()],
  (p) => ['GET', p.key('str')],
  (p) => ['GETDEL', p.key('str')],
  (p) => ['GETSET', p.key('str'), p.value()],
  (p) => ['GETEX', p.key('str'), ...p.one(['PERSIST'], ['PXAT', p.later()], [])],
  (p) => ['APPEND', p.key('str'), p.value()],
  (p) => ['STRLEN', p.key('str')],
  (p) => ['SETRANGE', p.key('str'), String(p.offset()), p.value()],
  (p) => ['GETRANGE', p.key('str'), String(p.offset()), p.number(-20, 50_000)],
  (p) => ['INCR', p.key('str')],
  (p) => ['INCRBY', p.key('str'), p.number(-100, 100)],
  (p) => ['INCRBYFLOAT', p.key('str'), String(p.integer(-100, 100) / 4)],
  (p) => [p.one('MSET', 'MSETNX'), ...p.many(() => [p.key('str'), p.value()]).flat()],
  (p) => ['MGET', p.key('str'), p.any(), p.any()],
];

const bitmaps: readonly SingleMaker[] = [
  (p) => ['SETBIT', p.key('bits'), String(p.offset() * 8 + p.integer(0, 7)), p.one('0', '1')],
  (p) => ['GETBIT', p.key('bits'), String(p.offset() * 8 + p.integer(0, 7))],
  (p) => ['BITCOUNT', p.key('bits'), ...p.maybe(String(p.offset()), p.one('-1', '-100', '20000'))],
  (p) => ['BITPOS', p.key('bits'), p.one('0', '1'), ...p.maybe(String(p.offset()))],
  (p) => ['BITOP', p.one('AND', 'OR', 'XOR'), p.key('bits'), p.key('bits'), p.key('bits')],
  (p) => ['BITOP', 'NOT', p.key('bits'), p.key('bits')],
  (p) => ['BITFIELD', p.key('bits'), 'SET', 'u8', `#${p.offset()}`, p.number(0, 255)],
  (p) => [
    ...['BITFIELD', p.key('bits'), 'OVERFLOW', p.one('WRAP', 'SAT', 'FAIL')],
    ...[
      'INCRBY',
      p.one('i5', 'u13', 'i64'),
      p.number(0, 200_000),
      p.number(-9, 9),
      'GET',
      'u4',
      '3',
    ],
  ],
  (p) => ['BITFIELD_RO', p.key('bits'), 'GET', 'i20', String(p.offset())],
  (p) => ['SETRANGE', p.key('bits'), String(p.offset()), p.value()],
  (p) => ['PFADD', p.key('hll'), ...p.many(() => p.member())],
  (p) => ['PFCOUNT', ...p.many(() => p.key('hll')).slice(0, 3)],
  (p) => ['PFMERGE', p.key('hll'), p.key('hll'), p.key('hll')],
  (p) => ['GET', p.key('hll')],
];

const lists: readonly SingleMaker[] = [
  (p) => [p.one('RPUSH', 'LPUSH'), p.key('list'), ...p.many(() => p.value())],
  (p) => [p.one('RPUSH', 'LPUSH'), p.key('list'), ...p.many(() => p.member())],
  (p) => [p.one('RPUSHX', 'LPUSHX'), p.key('list'), p.value(), p.member()],
  (p) => [p.one('LPOP', 'RPOP'), p.key('list'), ...p.maybe(p.one('0', '1', '5', '100'))],
  (p) => ['LLEN', p.key('list')],
  (p) => ['LINDEX', p.key('list'), p.index()],
  (p) => ['LRANGE', p.key('list'), p.index(), p.index()],
  (p) => ['LSET', p.key('list'), p.index(), p.value()],
  (p) => ['LINSERT', p.key('list'), p.one('BEFORE', 'AFTER'), p.member(), p.value()],
  (p) => ['LREM', p.key('list'), p.number(-3, 3), p.member()],
  (p) => ['LTRIM', p.key('list'), p.index(), p.index()],
  (p) => ['LPOS', p.key('list'), p.member(), ...p.maybe('RANK', p.one('-1', '2', '1'))],
  (p) => ['LPOS', p.key('list'), p.member(), 'COUNT', '0', ...p.maybe('MAXLEN', p.number(0, 50))],
  (p) => ['LMOVE', p.key('list'), p.key('list'), p.one('LEFT', 'RIGHT'), p.one('LEFT', 'RIGHT')],
  (p) => ['RPOPLPUSH', p.key('list'), p.key('list')],
  (p) => [
    'LMPOP',
    '2',
    p.key('list'),
    p.key('list'),
    p.one('LEFT', 'RIGHT'),
    'COUNT',
    p.number(1, 9),
  ],
];

const hashes: readonly SingleMaker[] = [
  (p) => [p.one('HSET', 'HMSET'), p.key('hash'), ...p.many(() => [p.member(), p.value()]).flat()],
  (p) => ['HSETNX', p.key('hash'), p.member(), p.value()],
  (p) => [p.one('HGET', 'HEXISTS', 'HSTRLEN'), p.key('hash'), p.member()],
  (p) => ['HMGET', p.key('hash'), ...p.many(() => p.member())],
  (p) => ['HDEL', p.key('hash'), ...p.many(() => p.member())],
  (p) => [p.one('HLEN', 'HGETALL', 'HKEYS', 'HVALS'), p.key('hash')],
  (p) => ['HINCRBY', p.key('hash'), p.member(), p.number(-9, 9)],
  (p) => ['HINCRBYFLOAT', p.key('hash'), p.member(), String(p.integer(-9, 9) / 4)],
  (p) => ['HSCAN', p.key('hash'), '0', 'COUNT', '100000', ...p.maybe('MATCH', 'm1*')],
  (p) => ['HRANDFIELD', p.key('hash'), '100000', ...p.maybe('WITHVALUES')],
];

const sets: readonly SingleMaker[] = [
  (p) => ['SADD', p.key('set'), ...p.many(() => p.member())],
  (p) => ['SADD', p.key('set'), ...p.many(() => p.number(-9, 9))],
  (p) => ['SREM', p.key('set'), ...p.many(() => p.member())],
  (p) => ['SISMEMBER', p.key('set'), p.member()],
  (p) => ['SMISMEMBER', p.key('set'), ...p.many(() => p.member())],
  (p) => [p.one('SCARD', 'SMEMBERS'), p.key('set')],
  (p) => ['SMOVE', p.key('set'), p.key('set'), p.member()],
  (p) => [p.one('SPOP', 'SRANDMEMBER'), p.key('set'), p.one('0', '100000')],
  (p) => [p.one('SINTER', 'SUNION', 'SDIFF'), p.key('set'), p.key('set'), p.key('set')],
  (p) => [
    p.one('SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE'),
    p.key('set'),
    p.key('set'),
    p.key('set'),
  ],
  (p) => ['SINTERCARD', '2', p.key('set'), p.key('set'), ...p.maybe('LIMIT', p.number(0, 9))],
  (p) => ['SSCAN', p.key('set'), '0', 'COUNT', '100000', ...p.maybe('MATCH', '*1*')],
];

const generic: readonly SingleMaker[] = [
  (p) => [p.one('DEL', 'UNLINK'), p.any(), ...p.maybe(p.any())],
  (p) => [p.one('EXISTS', 'TOUCH'), p.any(), p.any(), p.any()],
  (p) => ['TYPE', p.any()],
  (p) => ['OBJECT', 'ENCODING', p.any()],
  (p) => [p.one('RENAME', 'RENAMENX'), p.any(), p.any()],
  (p) => ['COPY', p.any(), p.any(), ...p.maybe('REPLACE')],
  (p) => ['PEXPIREAT', p.any(), p.later(), ...p.one([], ['NX'], ['XX'], ['GT'], ['LT'])],
  (p) => ['PERSIST', p.any()],
  (p) => ['PEXPIRETIME', p.any()],
  (p) => ['PEXPIREAT', p.any(), '1'],
  (p) => ['SORT', p.any(), 'ALPHA', ...p.maybe('DESC'), ...p.maybe('LIMIT', p.number(0, 9), '20')],
  (p) => ['SORT', p.any(), ...p.maybe('DESC'), ...p.maybe('GET', '#', 'GET', `${p.prefix}str*`)],
  (p) => ['SORT', p.any(), 'ALPHA', ...p.maybe('DESC'), 'STORE', p.any()],
];

/** Those that concern other clients, too. */
const shared: readonly SingleMaker[] = [
  (p) => ['SELECT', p.number(0, 2)],
  (p) => ['SWAPDB', p.number(0, 2), p.number(0, 2)],
  (p) => ['COPY', p.any(), p.any(), 'DB', p.number(0, 2), ...p.maybe('REPLACE')],
  (p) => ['MOVE', p.any(), p.number(0, 2)],
  () => ['KEYS', '*'],
  (p) => (p.chance(0.15) ? ['FLUSHDB'] : ['SCAN', '0', 'COUNT', '100000']),
  (p) => (p.chance(0.05) ? ['FLUSHALL'] : ['KEYS', '*1']),
];

const singly = (makers: readonly SingleMaker[]): readonly Maker[] =>
  makers.map((make) => (parts) => [make(parts)]);

/** Each group as often as any other; requests of the last only from a client that is alone. */
const GROUPS: readonly (readonly Maker[])[] = [
  singly(strings),
  singly(bitmaps),
  singly(lists),
  singly(hashes),
  singly(sets),
  singly(sortedTypeCommands),
  byMemberCommands,
  streamCommands,
  singly(generic),
];
const SHARED = singly(shared);
const SHARE_OF_SHARED = 0.05;

/** `alone`: no other client's are under way. */
export type NextRequests = (parts: Parts, alone: boolean) => readonly Request[];

function nextOf(groups: readonly (readonly Maker[])[]): NextRequests {
  return (parts, alone) => {
    const group = alone && parts.chance(SHARE_OF_SHARED) ? SHARED : parts.one(...groups);
    return parts.one(...group)(parts);
  };
}

/** Requests that Redis 7.0 knows. */
export const nextOfRedis = nextOf(GROUPS);

/** These and later ones, and those of its modules. */
export const nextOfAll = nextOf([...GROUPS, singly(laterCommands), singly(jsonCommands)]);
