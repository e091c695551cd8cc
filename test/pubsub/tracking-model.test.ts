/** Client-side caches by chance: what a client still holds after it was told of all changes is what the server has. */

import { expect, test } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { commandGroups } from '../../src/commands/groups.js';
import { type PushMessage, ReplyParser } from '../../src/protocol/reply-parser.js';
import { nextOfAll } from '../model/mixed-commands.js';
import { FAMILIES, Parts, type Request } from '../model/mixed-parts.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';
import { seed } from '../support/seed.js';

const STEPS = Number(process.env.DISKDB_TRACKING_STEPS ?? 800);

const KEYS = FAMILIES.flatMap((family) => [1, 2, 3].map((index) => `${family}${index}`));

/** A client that keeps what it reads until it is told that it has changed. */
class CachingClient {
  readonly client: TestClient;
  readonly cache = new Map<string, string>();

  constructor(client: TestClient) {
    this.client = client;
  }

  async start(...options: readonly string[]): Promise<void> {
    await this.client.run('HELLO', '3');
    await this.client.run('CLIENT', 'TRACKING', 'ON', ...options);
  }

  async read(key: string): Promise<void> {
    this.hear();
    if (!this.cache.has(key)) this.cache.set(key, await this.client.run('DUMP', key));
  }

  /** In a transaction, before or after it changes the key itself. */
  async readAndChange(key: string, readsFirst: boolean): Promise<void> {
    const read = ['DUMP', key];
    const write = ['SET', key, `${Math.trunc(performance.now())}`];
    await this.client.run('MULTI');
    for (const request of readsFirst ? [read, write] : [write, read]) {
      await this.client.run(...request);
    }
    const [first, second] = new ReplyParser().feed(await this.client.run('EXEC'))[0] as unknown[];
    const value = readsFirst ? first : second;
    this.cache.set(key, value === null ? '_\r\n' : bulkOf(String(value)));
    this.hear();
  }

  hear(): void {
    const text = this.client.messages.splice(0).join('');
    for (const message of new ReplyParser().feed(text)) {
      const [, keys] = (message as PushMessage).items as [string, string[] | null];
      if (keys === null) this.cache.clear();
      else for (const key of keys) this.cache.delete(key);
    }
  }
}

function bulkOf(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

test(`${STEPS} steps, seed ${seed}`, async () => {
  const harness = await CommandHarness.open(commandGroups, [['tracked-keys', '20']]);
  const random = seededRandom(seed);
  const start = harness.clock.milliseconds;
  const parts = new Parts(random, '', () => start);
  const clients = [
    new CachingClient(harness.connect()),
    new CachingClient(harness.connect()),
    new CachingClient(harness.connect()),
  ] as const;
  await clients[0].start();
  await clients[1].start('BCAST');
  await clients[2].start();
  const isSoon = (word: string): boolean => Math.abs(Number(word) - start) < 3_600_000;
  for (let step = 0; step < STEPS; step++) {
    const reader = parts.one(...clients);
    const key = parts.one(...KEYS);
    if (parts.chance(0.1)) await harness.evict();
    if (parts.chance(0.1)) await reader.readAndChange(key, parts.chance(0.5));
    else await reader.read(key);
    const requests: readonly Request[] = nextOfAll(parts, true);
    const writer = parts.chance(0.2) ? reader.client : harness.client;
    for (const request of requests) {
      if (!request.some(isSoon) && !/^select$/i.test(request[0] as string)) {
        await writer.run(...request);
      }
    }
    if (parts.chance(0.2)) await compare(harness, clients);
  }
  expect(harness.server.tracking.keys).toBeLessThanOrEqual(20);
  await harness.close();
});

async function compare(harness: CommandHarness, clients: readonly CachingClient[]): Promise<void> {
  await harness.run('HELLO', '3');
  for (const caching of clients) {
    caching.hear();
    for (const [key, value] of caching.cache) {
      const now = await harness.run('DUMP', key);
      if (now !== value) expect(`${key}: ${now}`).toBe(`${key}: ${value}`);
    }
  }
}
