/** Keyspace events: for each request those that redis-server sends, in its order. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { commandGroups } from '../../src/commands/groups.js';
import { ReplyParser } from '../../src/protocol/reply-parser.js';
import { nextOfRedis } from '../model/mixed-commands.js';
import { Parts, type Request } from '../model/mixed-parts.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';
import { RespConnection } from '../support/resp-connection.js';
import { seed } from '../support/seed.js';
import { type Server, startServer } from '../support/server.js';

const STEPS = Number(process.env.DISKDB_EVENTS_STEPS ?? 1500);
const SUBSCRIBE: Request = ['PSUBSCRIBE', '__key*'];
/** More than what both servers may be apart, and less than what is far away. */
const SOON_MS = 3_600_000;

/** `del` of `k` in the first database, by either channel, as text. */
function eventOf(message: unknown): string {
  const [, , channel = '', body = ''] = message as string[];
  return `${channel} ${body}`.replaceAll(/L{100,}/g, 'L…');
}

class Ours {
  readonly harness: CommandHarness;
  readonly #subscriber: TestClient;

  private constructor(harness: CommandHarness) {
    this.harness = harness;
    this.#subscriber = harness.connect();
  }

  static async open(classes: string): Promise<Ours> {
    const ours = new Ours(await CommandHarness.open(commandGroups));
    ours.harness.clock.milliseconds = Date.now();
    await ours.harness.run('CONFIG', 'SET', 'notify-keyspace-events', classes);
    await ours.#subscriber.run(...SUBSCRIBE);
    ours.#take();
    return ours;
  }

  #take(): string[] {
    const { messages } = this.#subscriber;
    return new ReplyParser().feed(messages.splice(0).join('')).map(eventOf);
  }

  async events(request: Request): Promise<string[]> {
    await this.harness.run(...request);
    return this.#take();
  }
}

class Theirs {
  readonly #asker: RespConnection;
  readonly #subscriber: RespConnection;

  private constructor(asker: RespConnection, subscriber: RespConnection) {
    this.#asker = asker;
    this.#subscriber = subscriber;
  }

  static async open(server: Server, classes: string): Promise<Theirs> {
    const [asker, subscriber] = await Promise.all([
      RespConnection.open(server.port),
      RespConnection.open(server.port),
    ]);
    await asker.send('FLUSHALL');
    await asker.send('CONFIG', 'SET', 'notify-keyspace-events', classes);
    await subscriber.send(...SUBSCRIBE);
    return new Theirs(asker, subscriber);
  }

  async events(request: Request): Promise<string[]> {
    await this.#asker.send(...request);
    const end = `pong ${Math.random()}`;
    let message = await this.#subscriber.send('PING', end);
    const events: string[] = [];
    while (!message.includes(end)) {
      events.push(eventOf(new ReplyParser().feed(message.toString('latin1'))[0]));
      message = await this.#subscriber.read();
    }
    return events;
  }

  close(): void {
    this.#asker.close();
    this.#subscriber.close();
  }
}

/** One request a line. */
function script(text: string): readonly Request[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map((line) => line.split(/\s+/));
}

const KEYS = script(`
  SET k v
  SET k w
  SET k w EX 100
  SET k w KEEPTTL
  SET k w XX GET
  SET k w NX
  SETEX k 100 v
  PSETEX k 100000 v
  GETEX k
  GETEX k PERSIST
  GETEX k PERSIST
  GETEX k EX 10
  GETEX k EXAT 1
  GET none
  GETDEL none
  GETSET g 1
  MSET a 1 b 2
  MSETNX c 1 d 2
  MSETNX c 1 e 2
  SETNX a 1
  SETNX f 1
  GETDEL f
  INCR n
  DECRBY n 3
  INCRBYFLOAT n 1.5
  APPEND a x
  APPEND a2 x
  SETRANGE a 2 yy
  SETRANGE a 2
  SETBIT bits 7 1
  SETBIT bits 7 1
  SETBIT bits 7 0
  BITFIELD bits SET u8 0 255
  BITFIELD bits GET u8 0
  BITOP AND both bits a
  BITOP AND both none none2
  PFADD h1 a b c
  PFADD h1 a
  PFCOUNT h1
  PFMERGE h2 h1 none
  EXPIRE a 100
  EXPIRE a 100
  PERSIST a
  PERSIST a
  EXPIRE none 10
  EXPIRE a -1
  PEXPIREAT b 1
  RENAME c d
  RENAMENX d c
  RENAME c c
  COPY c c2
  COPY c c2 REPLACE
  COPY c c3 DB 1
  COPY none c3
  MOVE c2 2
  MOVE c2 2
  DEL c none n
  UNLINK d g
  EXISTS none g
  TYPE none
  TTL none
  TOUCH none
  STRLEN none
  MGET none none2
  OBJECT ENCODING none
  DUMP none
`);

const COLLECTIONS = script(`
  LPUSH l a b c d e
  RPUSHX l f
  LPUSHX none f
  LPOP l
  RPOP l 2
  LPOP none
  LPOP l 0
  LINSERT l BEFORE c x
  LINSERT l BEFORE none x
  LSET l 0 y
  LREM l 1 none
  LREM l 1 y
  LMOVE l l2 LEFT RIGHT
  LMOVE l2 l2 LEFT RIGHT
  RPOPLPUSH l2 l
  BLMOVE l l2 LEFT LEFT 0
  BRPOPLPUSH l2 l3 0
  LTRIM l 0 0
  RPUSH l 3 1 2
  SORT l ALPHA STORE sorted
  SORT none STORE sorted
  LMPOP 2 none l RIGHT COUNT 2
  BLMPOP 0 1 l LEFT COUNT 10
  RPUSH l 1 2 3
  BLPOP none l 0
  BRPOP l 0
  LTRIM l 5 6
  SADD s a b c
  SADD s a
  SREM s none
  SREM s a
  SMOVE s s2 b
  SMOVE s s2 none
  SMOVE s s2 c
  SADD s c
  SMOVE s s2 c
  SPOP s2
  SUNIONSTORE u s2 none
  SINTERSTORE u s2 none
  SDIFFSTORE u s2 none
  SDIFFSTORE u s2 none
  SPOP s2 10
  HSET h a 1 b 2
  HSET h a 1
  HMSET h c 3
  HSETNX h a 1
  HSETNX h d 1
  HINCRBY h a 1
  HINCRBYFLOAT h a 1.5
  HDEL h none
  HDEL h a
  HDEL h b c d
  HGET none f
  ZADD z 1 a 2 b 3 c
  ZADD z 1 a
  ZADD z XX 5 none
  ZADD z INCR 2 a
  ZINCRBY z 1 b
  ZREM z none
  ZREM z a
  ZRANGESTORE r z 0 -1
  ZRANGESTORE r none 0 -1
  ZUNIONSTORE r 2 z none
  ZINTERSTORE r 2 z none
  ZDIFFSTORE r 2 z none
  ZPOPMIN z
  ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h
  ZPOPMAX z 2
  ZPOPMIN none
  ZMPOP 1 z MIN
  ZMPOP 1 z MAX
  BZPOPMIN none z 0
  BZPOPMAX z 0
  BZMPOP 0 1 z MIN
  ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h
  ZREMRANGEBYRANK z 0 0
  ZREMRANGEBYSCORE z 2 2
  ZREMRANGEBYLEX z [c [c
  ZREMRANGEBYSCORE z -inf +inf
  GEOADD geo 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
  GEOSEARCHSTORE near geo FROMLONLAT 15 37 BYRADIUS 200 km
  GEORADIUS geo 15 37 200 km STORE near
  GEORADIUSBYMEMBER geo Palermo 200 km STOREDIST near
  GEOSEARCHSTORE near geo FROMLONLAT 100 37 BYRADIUS 2 km
  GEOADD geo 13.361389 38.115556 Palermo
`);

const STREAMS = script(`
  XADD s 1-1 f v
  XADD s 2-1 f v
  XADD s NOMKSTREAM 3-1 f v
  XADD none NOMKSTREAM 3-1 f v
  XADD s MAXLEN 2 4-1 f v
  XADD s MAXLEN 10 5-1 f v
  XGROUP CREATE s g 0
  XGROUP CREATE s2 g $ MKSTREAM
  XGROUP CREATECONSUMER s g bob
  XGROUP CREATECONSUMER s g bob
  XGROUP SETID s g 0
  XGROUP SETID s g 0
  XREADGROUP GROUP g bob COUNT 1 STREAMS s >
  XREADGROUP GROUP g eve COUNT 1 STREAMS s >
  XACK s g 4-1
  XCLAIM s g mike 0 5-1 FORCE
  XAUTOCLAIM s g zoe 0 0
  XGROUP DELCONSUMER s g none
  XGROUP DELCONSUMER s g bob
  XDEL s 4-1
  XDEL s 4-1
  XTRIM s MAXLEN 0
  XTRIM s MAXLEN 0
  XSETID s 9-1
  XGROUP DESTROY s g
  XGROUP DESTROY s g
  XREAD STREAMS none 0
  XLEN none
`);

/** What DUMP returns of `1`. */
const DUMPED = '\x00\xc0\x01\n\x00&x\xe7\xb6\xd1\x01\x11\xfc';
const RESTORES: readonly Request[] = [
  ['RESTORE', 'k', '0', DUMPED],
  ['RESTORE', 'k', '0', DUMPED],
  ['RESTORE', 'k', '0', DUMPED, 'REPLACE'],
  ['RESTORE', 'k', '1', DUMPED, 'REPLACE', 'ABSTTL'],
  ['RESTORE', 'k', '1', DUMPED, 'ABSTTL'],
  ['RPUSH', 'k', 'a'],
  ['RESTORE', 'k', '0', DUMPED, 'REPLACE'],
];

const TRANSACTIONS = script(`
  MULTI
  SET k v
  LPUSH k x
  DEL k
  SELECT 1
  SET k v
  SELECT 0
  EXEC
  MULTI
  SET k v
  DISCARD
  RESTORE k 0 x
  FLUSHDB
`);

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer('redis');
  });

  afterAll(() => server.stop());

  async function compare(classes: string, requests: Iterable<Request>): Promise<void> {
    const ours = await Ours.open(classes);
    const theirs = await Theirs.open(server, classes);
    try {
      for (const request of requests) {
        const [own, others] = await Promise.all([ours.events(request), theirs.events(request)]);
        const what = request.join(' ').slice(0, 300);
        expect([what, ...own]).toEqual([what, ...others]);
      }
    } finally {
      theirs.close();
      await ours.harness.close();
    }
  }

  const scripts = { KEYS, COLLECTIONS, STREAMS, RESTORES, TRANSACTIONS };

  describe.each(['KEA', 'KEAn', 'Em', 'Kg', 'Elg', 'E$', 'A', ''])('%j', (classes) => {
    test.each(Object.entries(scripts))('%s', (_, requests) => compare(classes, requests));
  });

  test(`${STEPS} random requests, seed ${seed}`, async () => {
    await compare('KEA', randomRequests());
  });
});

/** None whose keys expire meanwhile: when they do is for chance. */
function* randomRequests(): Generator<Request> {
  const start = Date.now();
  const parts = new Parts(seededRandom(seed), '', () => start);
  for (let i = 0; i < STEPS; i++) {
    for (const request of nextOfRedis(parts, true)) {
      const isSoon = (word: string): boolean => Math.abs(Number(word) - start) < SOON_MS;
      if (!request.some(isSoon)) yield request;
    }
  }
}
