/** Random requests that Redis 7.0 does not know: fields that expire, and what came after it. */

import type { Parts, Request } from './mixed-parts.js';

const fields = (p: Parts): string[] => {
  const names = p.many(() => p.member());
  return ['FIELDS', String(names.length), ...names];
};
const time = (p: Parts): readonly string[] =>
  p.one(['PXAT', p.soon()], ['PXAT', p.later()], ['PX', p.number(1, 50)], ['PERSIST']);

export const laterCommands: readonly ((parts: Parts) => Request)[] = [
  (p) => ['HSET', p.key('hash'), ...p.many(() => [p.member(), p.value()]).flat()],
  (p) => ['HPEXPIREAT', p.key('hash'), p.soon(), ...fields(p)],
  (p) => ['HPEXPIREAT', p.key('hash'), p.soon(), ...p.one(['NX'], ['XX'], ['GT']), ...fields(p)],
  (p) => ['HPEXPIRE', p.key('hash'), p.number(0, 60), ...p.one(['LT'], []), ...fields(p)],
  (p) => ['HEXPIRE', p.key('hash'), p.number(1, 2), ...fields(p)],
  (p) => ['HEXPIREAT', p.key('hash'), p.later().slice(0, -3), ...fields(p)],
  (p) => [p.one('HTTL', 'HPTTL', 'HEXPIRETIME', 'HPEXPIRETIME'), p.key('hash'), ...fields(p)],
  (p) => ['HPERSIST', p.key('hash'), ...fields(p)],
  (p) => ['HGETDEL', p.key('hash'), ...fields(p)],
  (p) => ['HGETEX', p.key('hash'), ...time(p), ...fields(p)],
  (p) => {
    const pairs = p.many(() => [p.member(), p.value()]);
    const all = ['FIELDS', String(pairs.length), ...pairs.flat()];
    return ['HSETEX', p.key('hash'), ...p.one(['FNX'], ['FXX'], []), 'PXAT', p.soon(), ...all];
  },
  (p) => ['HSCAN', p.key('hash'), '0', 'COUNT', '100000', 'NOVALUES'],
  (p) => ['HMGET', p.key('hash'), ...p.many(() => p.member())],
  (p) => ['PEXPIREAT', p.any(), p.soon()],
  (p) => [
    ...['BITOP', p.one('DIFF', 'DIFF1', 'ANDOR', 'ONE')],
    ...[p.key('bits'), p.key('bits'), p.key('bits')],
  ],
  (p) => ['ZRANK', p.key('zset'), p.member(), 'WITHSCORE'],
  (p) => ['XREAD', 'COUNT', '1', 'STREAMS', p.key('stream'), '+'],
];
