/** Which look-ups of keys INFO counts as hits and misses: the same as redis-server, request by request. */

import { describe, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const SETUP = [
  ['SET', 's', '5'],
  ['SET', 'e', 'v', 'EX', '1000'],
  ['APPEND', 'raw', 'abc'],
  ['SETRANGE', 'big', '40000', 'x'],
  ['RPUSH', 'l', '3', '1'],
  ['SADD', 'set', 'a', 'b'],
  ['ZADD', 'z', '1', 'a'],
  ['HSET', 'h', 'a', '1'],
  ['XADD', 'x', '1-1', 'a', 'b'],
  ['XGROUP', 'CREATE', 'x', 'g', '0'],
  ['GEOADD', 'geo', '1', '1', 'a'],
  ['PFADD', 'p', 'a'],
];

/** `nokey` is none, of the others each is of the type that its name says. */
const REQUESTS = `
  getdel s
  getdel nokey
  getex s ex 100
  getex nokey
  getex s
  getset s 1
  getset nokey2 1
  set s 1
  set s 2 nx
  set s 2 xx
  setnx s 1
  append s x
  incr s
  setrange s 0 a
  setbit s 0 1
  bitfield s set u8 0 1
  bitfield_ro s get u8 0
  bitop and d s nokey
  copy s s2
  copy nokey s3
  rename s s4
  rename nokey s5
  move s 1
  del s nokey
  unlink s
  exists s nokey
  touch s nokey
  expire s 100
  ttl s
  persist s
  type s
  object encoding s
  object encoding nokey
  dump s
  dump nokey
  restore r 0 abc
  sort l
  sort nokey
  sort l store d
  sort l by s get s
  sort_ro l
  lpush l a
  lpushx l a
  lpop l
  lpop nokey
  lrange l 0 -1
  linsert l before 1 x
  lmove l l left right
  lmpop 1 l left
  lmpop 2 nokey l left
  rpoplpush l l
  lset l 0 x
  lrem l 0 q
  ltrim l 0 -1
  lpos l 1
  sadd set q
  srem set q
  smove set set2 a
  spop set
  sdiffstore d set nokey
  sinterstore d set nokey
  sinterstore d nokey set
  sunionstore d set nokey
  sinter set nokey
  sinter nokey set
  sunion set nokey
  sdiff set nokey
  sintercard 2 set nokey
  smismember set a
  srandmember set
  zadd z 1 q
  zincrby z 1 q
  zrem z q
  zpopmin z
  zmpop 1 z min
  zrangestore d z 0 -1
  zrangestore d nokey 0 -1
  zunionstore d 2 z nokey
  zinterstore d 2 z nokey
  zdiffstore d 2 z nokey
  zunion 2 z nokey
  zinter 2 nokey z
  zintercard 2 z nokey
  zremrangebyrank z 5 6
  zrank z a
  zscore nokey a
  hset h q 1
  hincrby h q 1
  hget h q
  hdel h q
  hsetnx h q 1
  xadd x * a b
  xlen x
  xread streams x 0
  xack x g 1-1
  xclaim x g c 0 1-1
  xautoclaim x g c 0 0
  xpending x g
  xtrim x maxlen 1
  xdel x 1-1
  xsetid x 99-1
  xinfo stream x
  xinfo groups x
  xgroup createconsumer x g c
  pfadd p b
  pfcount p
  pfcount p nokey
  pfmerge p p2
  pfmerge q p
  geosearch geo frommember a byradius 1 m
  geosearchstore d geo frommember a byradius 1 m
  georadius geo 1 1 1 m
  georadius geo 1 1 1 m store d
  georadiusbymember geo a 1 m
  geopos geo a
  geoadd geo 1 1 b
  mget s nokey
  mset s 1 q 2
  msetnx s 1
  strlen s
  substr s 0 1
  getrange s 0 1
  lcs s s
  incrbyfloat s 1
  hscan h 0
  hrandfield h
  zrandmember z
  object freq nokey
  object idletime s
  memory usage s
  blpop l 1
  blmove l l left right 1
  bzpopmin z 1
  expiretime s
  pexpireat s 1
  blmpop 1 1 l left
  zrangebyscore z 0 1
  bitcount s
  bitcount nokey
  bitpos s 1
  getbit s 1
  get l
  getex l
  getdel l
  sort s
  copy s l
  lrange s 0 1
  get e
  get raw
  get big
  getex e
  getex raw ex 10
  mget e raw big
  strlen e
  strlen big
  getrange e 0 1
  getrange big 0 -1
  substr big 0 3
  exists e
  ttl e
  type big
  bitcount big
  getbit big 5
  bitpos big 1
  lcs e raw
  object encoding big
  expiretime e
  dump e
  pfcount e
  rename e e2
  hgetall h
  hmget h a b
  hvals h
  hlen h
  hexists h a
  hstrlen h a
  lindex l 0
  llen l
  smembers set
  scard set
  sismember set a
  sscan set 0
  zcard z
  zcount z 0 1
  zrange z 0 -1
  zrange z 0 1 byscore
  zrevrange z 0 -1
  zlexcount z - +
  zrangebylex z - +
  zmscore z a
  zscan z 0
  xrange x - +
  xrevrange x + -
  xread count 1 streams x 0-0
  xread count 1 streams nokey 0-0
  xinfo consumers x g
  geodist geo a a
  geohash geo a
  hget l a
  lrange h 0 1
  smembers l
  zrange l 0 1
  xrange l - +
  sinter l set
  mget l s
  sort_ro nokey
  geosearch nokey frommember a byradius 1 m
  sscan nokey 0
  hscan l 0
  eval return(redis.call("get",KEYS[1])) 1 s
  eval return(redis.call("getex",KEYS[1])) 1 nokey
  eval_ro return(redis.call("get",KEYS[1])) 1 e
`;

/** Only what INFO says of look-ups. */
function lookUps(reply: string): string {
  return [...reply.matchAll(/keyspace_(?:hits|misses):\d+/g)].join();
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const scripts = new OracleScripts(commandGroups, { comparable: lookUps });
  const requests = REQUESTS.trim()
    .split('\n')
    .map((line) => line.trim().split(' '));

  test.each(requests.map((request) => [request.join(' '), request] as const))(
    '%s',
    async (_, request) => {
      await scripts.compare([...SETUP, ['CONFIG', 'RESETSTAT'], request, ['INFO', 'stats']]);
    },
  );
});
