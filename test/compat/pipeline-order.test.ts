/** Replies leave in the order of their requests, whatever is large, waits for the disk or for another connection's turn. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../native-free-bench/random.js';
import { decodeReply, type Reply } from '../support/decode-reply.js';
import { encodeCommand, RespConnection } from '../support/resp-connection.js';
import { missing, type Server, type SyncPolicy, startServer, subject } from '../support/server.js';

const CONNECTIONS = 20;
const BURSTS = 25;
const BURST_COMMANDS = 12;
const KEYS = 8;
const LARGE_BYTES = 120_000;
const TEST_MS = 60_000;

interface Burst {
  readonly bytes: Buffer;
  readonly expected: readonly Reply[];
}

/** Pipelines of one connection on its own keys, with the replies they must get. */
function makeBursts(prefix: string, random: () => number): Burst[] {
  const values = new Map<string, string>();
  let count = 0;
  const draw = (): [string[], Reply] => {
    const key = `${prefix}:${Math.floor(random() * KEYS)}`;
    const kind = random();
    if (kind < 0.4) {
      const value = `<${prefix}.${values.size}>`.repeat(Math.ceil((random() * LARGE_BYTES) / 8));
      values.set(key, value);
      return [['SET', key, value], 'OK'];
    }
    if (kind < 0.8) return [['GET', key], values.get(key) ?? null];
    return [['INCR', `${prefix}:count`], ++count];
  };
  return Array.from({ length: BURSTS }, () => {
    const drawn = Array.from({ length: BURST_COMMANDS }, draw);
    const bytes = Buffer.concat(drawn.map(([command]) => encodeCommand(command)));
    return { bytes, expected: drawn.map(([, reply]) => reply) };
  });
}

async function runSession(port: number, bursts: readonly Burst[]): Promise<void> {
  const connection = await RespConnection.open(port);
  try {
    for (const { bytes, expected } of bursts) {
      connection.write(bytes);
      for (const [index, reply] of expected.entries()) {
        const found = decodeReply(await connection.read());
        // Not toEqual at once: a difference of 100 KB texts is nothing to read.
        if (found !== reply) expect([index, shorten(found)]).toEqual([index, shorten(reply)]);
      }
    }
  } finally {
    connection.close();
  }
}

function shorten(reply: Reply): string {
  return String(reply).slice(0, 40);
}

describe.skipIf(missing(subject()) !== undefined)('the order of replies', () => {
  describe.each(['always', 'interval', 'no'] as SyncPolicy[])('sync %s', (sync) => {
    let server: Server;
    beforeAll(async () => {
      server = await startServer(subject(), { sync, cacheSize: '16MB', maxLogSize: '4MB' });
    });
    afterAll(() => server.stop());

    it(
      'is that of the requests, with large values on many connections',
      async () => {
        const random = seededRandom(42);
        const sessions = Array.from({ length: CONNECTIONS }, (_, index) =>
          runSession(server.port, makeBursts(`c${index}`, random)),
        );
        await Promise.all(sessions);
      },
      TEST_MS,
    );
  });
});
