/** Ranks and counts of a large sorted set that is cold, on disk, beside those of redis-server. */

import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { encodeCommand, RespConnection } from '../support/resp-connection.js';
import { seed } from '../support/seed.js';
import { missing, type Server, startServer, temporaryDirectory } from '../support/server.js';

const MEMBERS = 60_000;
const BATCH = 1000;
/** A collection of this size does not fit beside others. */
const CACHE = '16MB';
const ROUNDS = 40;

const scoreOf = (i: number): string => String(i % 7 === 0 ? -i : i / 4);

async function ask(connection: RespConnection, ...request: readonly string[]): Promise<string> {
  return (await connection.send(...request)).toString('latin1');
}

async function load(connection: RespConnection): Promise<void> {
  for (let first = 0; first < MEMBERS; first += BATCH) {
    const pairs = Array.from({ length: BATCH }, (_, i) => [scoreOf(first + i), `m${first + i}`]);
    connection.write(encodeCommand(['ZADD', 'z', ...pairs.flat()]));
    await connection.read();
  }
}

function randomRequests(random: () => number): string[][] {
  const one = (): number => Math.floor(random() * MEMBERS);
  const [low, high] = [scoreOf(one()), scoreOf(one())].sort((a, b) => Number(a) - Number(b));
  return [
    ['ZRANK', 'z', `m${one()}`],
    ['ZREVRANK', 'z', `m${one()}`],
    ['ZCOUNT', 'z', low as string, `(${high}`],
    ['ZCOUNT', 'z', '-inf', high as string],
    ['ZCOUNT', 'z', `(${low}`, '+inf'],
    // The next ones are counted with what is not in the store yet.
    ['ZADD', 'z', scoreOf(one()), `m${one()}`, scoreOf(one()), `new${one()}`],
    ['ZREM', 'z', `m${one()}`],
  ];
}

const reason = missing('diskdb') ?? missing('redis');

test.skipIf(reason !== undefined)(
  `cold ranks and counts are right (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const random = seededRandom(seed);
    const dir = temporaryDirectory('cold-ranks');
    const start = (): Promise<Server> =>
      startServer('diskdb', { dir, cacheSize: CACHE, sync: 'no' });
    const theirs = await startServer('redis', { sync: 'no' });
    let ours = await start();
    onTestFinished(async () => {
      await Promise.all([ours.stop(), theirs.stop()]);
      rmSync(dir, { recursive: true, force: true });
    });
    const redis = await RespConnection.open(theirs.port);
    let diskdb = await RespConnection.open(ours.port);
    await Promise.all([load(redis), load(diskdb)]);
    expect(await ask(diskdb, 'SAVE')).toBe('+OK\r\n');
    diskdb.close();
    await ours.stop();
    ours = await start();
    diskdb = await RespConnection.open(ours.port);
    for (let round = 0; round < ROUNDS; round++) {
      for (const request of randomRequests(random)) {
        const [our, their] = await Promise.all(
          [diskdb, redis].map((each) => ask(each, ...request)),
        );
        expect(`${request.join(' ')}: ${our}`).toBe(`${request.join(' ')}: ${their}`);
      }
    }
  },
);
