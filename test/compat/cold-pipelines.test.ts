/**
 * Long pipelines on data that has left the memory, sent in pieces: what requests behind one that waits will need is found
 * out before their turn, and that must not show. Random requests on all types, compared with redis-server.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { nextOfRedis } from '../model/mixed-commands.js';
import { Parts, type Request } from '../model/mixed-parts.js';
import { comparable } from '../model/mixed-replies.js';
import { encodeCommand, RespConnection } from '../support/resp-connection.js';
import { seed } from '../support/seed.js';
import { missing, type Server, startServer } from '../support/server.js';

const PIPELINES = Number(process.env.DISKDB_PIPELINES ?? 25);
const LONGEST = 150;
const FILLERS = 1800;
const FILLER = 'f'.repeat(10_000);
const HOUR_MS = 3_600_000;

/** Sends all at once, cut into pieces anywhere. */
async function ask(
  connection: RespConnection,
  requests: readonly Request[],
  random: () => number,
): Promise<string[]> {
  const bytes = Buffer.concat(requests.map((request) => encodeCommand(request)));
  for (let at = 0; at < bytes.length; ) {
    const length = Math.ceil(random() * random() * bytes.length);
    connection.write(bytes.subarray(at, at + length));
    at += length;
    if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
  }
  const replies: string[] = [];
  for (const _ of requests) replies.push((await connection.read()).toString('latin1'));
  return replies;
}

const reason = missing('diskdb') ?? missing('redis');

describe.skipIf(reason !== undefined)('pipelines on cold data', () => {
  let servers: Server[];
  let connections: RespConnection[];

  beforeAll(async () => {
    const small = { cacheSize: '16MB', maxLogSize: '4MB', sync: 'no' } as const;
    servers = [await startServer('diskdb', small), await startServer('redis', { sync: 'no' })];
    connections = await Promise.all(servers.map(({ port }) => RespConnection.open(port)));
    for (const connection of connections) await connection.send('SELECT', '1');
    const [ours] = connections as [RespConnection];
    for (let i = 0; i < FILLERS; i++) await ours.send('SET', `filler${i}`, FILLER);
    for (const connection of connections) await connection.send('SELECT', '0');
  });

  afterAll(async () => {
    for (const connection of connections ?? []) connection.close();
    await Promise.all((servers ?? []).map((server) => server.stop()));
  });

  /** Everything is written to the store, and the cache is filled with something else. */
  async function chill(): Promise<void> {
    const [ours] = connections as [RespConnection];
    expect((await ours.send('SAVE')).toString()).toBe('+OK\r\n');
    await ours.send('SELECT', '1');
    for (let i = 0; i < FILLERS; i += 10) {
      await ours.send('MGET', ...Array.from({ length: 10 }, (_, j) => `filler${i + j}`));
    }
    await ours.send('SELECT', '0');
  }

  async function recordsLoaded(): Promise<number> {
    const [ours] = connections as [RespConnection];
    return Number(/records_loaded:(\d+)/.exec((await ours.send('INFO')).toString())?.[1]);
  }

  function randomRequests(random: () => number): Request[] {
    const start = Date.now();
    const parts = new Parts(random, '', () => start);
    const length = 1 + Math.floor(random() * LONGEST);
    const requests = Array.from({ length }, () => nextOfRedis(parts, false)).flat();
    // When a key expires is for chance.
    const isSoon = (word: string): boolean => Math.abs(Number(word) - start) < HOUR_MS;
    return requests.filter((request) => !request.some(isSoon));
  }

  it(`get the replies of redis-server (seed ${seed})`, { timeout: 300_000 }, async () => {
    const random = seededRandom(seed);
    let loads = 0;
    for (let i = 0; i < PIPELINES; i++) {
      await chill();
      const requests = randomRequests(random);
      loads -= await recordsLoaded();
      const [ours, theirs] = await Promise.all(
        connections.map((connection) => ask(connection, requests, random)),
      );
      loads += await recordsLoaded();
      for (const [at, request] of requests.entries()) {
        const [our, their] = [ours?.[at] as string, theirs?.[at] as string];
        if (our === their) continue;
        const shown = `${request.join(' ').slice(0, 200)} (pipeline ${i}, seed ${seed})`;
        expect(`${shown}: ${comparable(request, our, [])}`).toBe(
          `${shown}: ${comparable(request, their, [])}`,
        );
      }
    }
    expect(loads, 'records that were cold').toBeGreaterThan(10 * PIPELINES);
  });
});
