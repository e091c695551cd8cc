/**
 * A dataset many times larger than the cache. Loads it, kills the server, restarts it, reads it at random, and
 * compares every value read with what was written.
 */

import { seededRandom } from '../../native-free-bench/random.js';
import { startServer, temporaryDirectory } from '../support/server.js';
import { atRandom, CONNECTIONS, every, pipeline } from './pipeline.js';
import { say, Watch } from './watch.js';

export interface KeysSettings {
  readonly keys: number;
  readonly valueSize: number;
  readonly cacheSize: string;
  readonly reads: number;
  /** Milliseconds. */
  readonly readyMax: number;
}

function keyOf(index: number): string {
  return `key:${String(index).padStart(12, '0')}`;
}

/** Every value is another one, and none compresses to nothing. */
function textOf(index: number, size: number): string {
  const random = seededRandom(index + 1);
  const word = Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32).toString(36)).join(
    '',
  );
  return `${index}:${word}`.repeat(Math.ceil(size / word.length)).slice(0, size);
}

async function load(port: number, { keys, valueSize }: KeysSettings): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, (_, client) =>
    pipeline(
      port,
      every(CONNECTIONS, client, keys),
      (index) => ['SET', keyOf(index), textOf(index, valueSize)],
      (index, reply) => {
        if (reply !== '+OK\r\n') throw new Error(`SET ${keyOf(index)}: ${reply}`);
      },
    ),
  );
  await Promise.all(clients);
}

async function read(port: number, { keys, valueSize, reads }: KeysSettings): Promise<number> {
  let wrong = 0;
  const clients = Array.from({ length: CONNECTIONS }, (_, client) =>
    pipeline(
      port,
      atRandom(reads / CONNECTIONS, client + 1, keys),
      (index) => ['GET', keyOf(index)],
      (index, reply) => {
        if (reply !== `$${valueSize}\r\n${textOf(index, valueSize)}\r\n`) wrong++;
      },
    ),
  );
  await Promise.all(clients);
  return wrong;
}

/** Returns what is wrong, and the most memory that was taken, in MiB. */
export async function runKeys(settings: KeysSettings): Promise<{ wrong: number; peak: number }> {
  const dir = temporaryDirectory('scale');
  const { cacheSize } = settings;
  say(`${settings.keys} keys of ${settings.valueSize} bytes, cache_size ${cacheSize}`);
  let server = await startServer('diskdb', { dir, cacheSize });
  const loading = await Watch.open(server);
  await loading.step('load', () => load(server.port, settings));
  await loading.close();
  await server.kill();
  const startedAt = performance.now();
  server = await startServer('diskdb', { dir, cacheSize });
  const ready = performance.now() - startedAt;
  say(`ready again ${(ready / 1000).toFixed(1)} s after kill -9`);
  let wrong = ready <= settings.readyMax ? 0 : 1;
  const reading = await Watch.open(server);
  await reading.step(`${settings.reads} random reads`, async () => {
    wrong += await read(server.port, settings);
  });
  await reading.close();
  await server.stop();
  return { wrong, peak: Math.max(loading.peak, reading.peak) };
}
