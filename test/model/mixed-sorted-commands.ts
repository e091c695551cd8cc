/** Random requests of sorted sets and geo. */

import type { Maker, Parts, Request } from './mixed-parts.js';

const scores = (p: Parts): string[] => p.many(() => [p.score(), p.member()]).flat();
const sources = (p: Parts): string[] => ['2', p.key('zset'), p.one(p.key('zset'), p.key('set'))];
const weighted = (p: Parts): readonly string[] => [
  ...p.maybe('WEIGHTS', p.number(-3, 3), p.number(1, 3)),
  ...p.maybe('AGGREGATE', p.one('SUM', 'MIN', 'MAX')),
];
const limit = (p: Parts): readonly string[] => p.maybe('LIMIT', p.number(0, 9), p.number(-1, 20));
const place = (p: Parts): string[] => [
  String(p.integer(-720, 720) / 4),
  String(p.integer(-340, 340) / 4),
];

/** Ranges by member mean something where all scores are the same. */
const byMember = (make: (p: Parts, key: string) => Request): Maker => {
  return (p) => {
    const key = p.key('lex');
    return [['ZUNIONSTORE', key, '1', key, 'WEIGHTS', '0'], make(p, key)];
  };
};

export const byMemberCommands: readonly Maker[] = [
  (p) => [['ZADD', p.key('lex'), ...p.many(() => ['0', p.member()]).flat()]],
  (p) => [['ZADD', p.key('lex'), ...p.many(() => ['0', p.member()]).flat()]],
  byMember((p, key) => ['ZLEXCOUNT', key, p.lexBound(), p.lexBound()]),
  byMember((p, key) => ['ZREMRANGEBYLEX', key, p.lexBound(), p.lexBound()]),
  byMember((p, key) => ['ZRANGEBYLEX', key, p.lexBound(), p.lexBound(), ...limit(p)]),
  byMember((p, key) => ['ZREVRANGEBYLEX', key, p.lexBound(), p.lexBound(), ...limit(p)]),
  byMember((p, key) => ['ZRANGE', key, p.lexBound(), p.lexBound(), 'BYLEX', ...p.maybe('REV')]),
  byMember((p, key) => ['ZRANGESTORE', p.key('lex'), key, p.lexBound(), p.lexBound(), 'BYLEX']),
];

export const sortedTypeCommands: readonly ((parts: Parts) => Request)[] = [
  (p) => ['ZADD', p.key('zset'), ...scores(p)],
  (p) => ['ZADD', p.key('zset'), ...p.one(['NX'], ['XX'], ['GT'], ['LT', 'CH']), ...scores(p)],
  (p) => ['ZADD', p.key('zset'), ...p.one(['NX'], ['XX'], []), 'INCR', p.score(), p.member()],
  (p) => ['ZINCRBY', p.key('zset'), p.number(-9, 9), p.member()],
  (p) => ['ZREM', p.key('zset'), ...p.many(() => p.member())],
  (p) => ['ZCARD', p.key('zset')],
  (p) => [p.one('ZSCORE', 'ZRANK', 'ZREVRANK'), p.key('zset'), p.member()],
  (p) => ['ZMSCORE', p.key('zset'), ...p.many(() => p.member())],
  (p) => ['ZCOUNT', p.key('zset'), p.scoreBound(), p.scoreBound()],
  (p) => [
    p.one('ZRANGE', 'ZREVRANGE'),
    p.key('zset'),
    p.index(),
    p.index(),
    ...p.maybe('WITHSCORES'),
  ],
  (p) => [
    ...[p.one('ZRANGEBYSCORE', 'ZREVRANGEBYSCORE'), p.key('zset')],
    ...[p.scoreBound(), p.scoreBound(), ...limit(p)],
  ],
  (p) => [
    ...['ZRANGESTORE', p.key('zset'), p.key('zset')],
    ...[p.scoreBound(), p.scoreBound(), 'BYSCORE', ...p.maybe('REV'), ...limit(p)],
  ],
  (p) => ['ZREMRANGEBYRANK', p.key('zset'), p.index(), p.index()],
  (p) => ['ZREMRANGEBYSCORE', p.key('zset'), p.scoreBound(), p.scoreBound()],
  (p) => [p.one('ZPOPMIN', 'ZPOPMAX'), p.key('zset'), ...p.maybe(p.one('1', '4', '100'))],
  (p) => ['ZMPOP', '2', p.key('zset'), p.key('zset'), p.one('MIN', 'MAX'), 'COUNT', p.number(1, 9)],
  (p) => [p.one('ZUNION', 'ZINTER'), ...sources(p), ...weighted(p), ...p.maybe('WITHSCORES')],
  (p) => ['ZDIFF', ...sources(p), ...p.maybe('WITHSCORES')],
  (p) => ['ZINTERCARD', ...sources(p), ...p.maybe('LIMIT', p.number(0, 9))],
  (p) => [p.one('ZUNIONSTORE', 'ZINTERSTORE'), p.key('zset'), ...sources(p), ...weighted(p)],
  (p) => ['ZDIFFSTORE', p.key('zset'), ...sources(p)],
  (p) => ['ZSCAN', p.key('zset'), '0', 'COUNT', '100000'],
  (p) => ['ZRANDMEMBER', p.key('zset'), '100000', ...p.maybe('WITHSCORES')],
  (p) => ['GEOADD', p.key('geo'), ...p.many(() => [...place(p), p.member()]).flat()],
  (p) => [p.one('GEOPOS', 'GEOHASH'), p.key('geo'), ...p.many(() => p.member())],
  (p) => ['GEODIST', p.key('geo'), p.member(), p.member(), p.one('m', 'km')],
  (p) => [p.one('ZRANGE', 'ZREVRANGE'), p.key('geo'), p.index(), p.index(), 'WITHSCORES'],
];
