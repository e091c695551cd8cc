/**
 * Clients that mean harm, each with a server of its own: what they do ends in a clear error or costs a bounded amount of memory,
 * others are served meanwhile, and the memory comes back. Limits are generous: they tell a bound from none.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { encodeCommand, type RespConnection } from '../support/resp-connection.js';
import { missing } from '../support/server.js';
import { line, MB, Target } from './target.js';

/** Others may wait so long while a machine is busy with tests; without a bound it would be for ever. */
const LATENCY_MS = 5_000;
/** The same for what the server does bit by bit. */
const LEAVING_MS = 500;

let target: Target;

afterEach(() => target?.close());

function repeated(count: number, request: readonly string[]): Buffer {
  const one = encodeCommand(request);
  return Buffer.concat(Array.from({ length: count }, () => one));
}

/** Sends so many requests, a batch at a time, and gives the last reply. */
async function flood(client: RespConnection, total: number, request: readonly string[]) {
  const batch = repeated(10_000, request);
  let last: Buffer = Buffer.alloc(0);
  for (let sent = 0; sent < total; sent += 10_000) {
    client.write(batch);
    for (let i = 0; i < 10_000; i++) last = await client.read();
  }
  return line(last);
}

/** The collector gives memory back when there is work, not before. */
async function churn(client: RespConnection): Promise<void> {
  const value = 'x'.repeat(1000);
  for (let i = 0; i < 10_000; i++) client.write(encodeCommand(['SET', `churn:${i}`, value]));
  for (let i = 0; i < 10_000; i++) await client.read();
}

/** A client that reads nothing at all. */
async function deafClient(): Promise<Socket> {
  const socket = connect(target.server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket.pause();
}

describe.skipIf(missing('diskdb') !== undefined)('abuse', { timeout: 120_000 }, () => {
  describe('before AUTH', () => {
    test('the very first request is small, or it is refused', async () => {
      target = await Target.open('--requirepass', 'secret');
      const first = async (bytes: string): Promise<string> => {
        const client = await target.connect();
        client.write(bytes);
        return line(await client.read());
      };
      const what = 'Protocol error: unauthenticated';
      expect(await first('*1\r\n$100000000\r\n')).toBe(`-ERR ${what} bulk length`);
      expect(await first('*100\r\n')).toBe(`-ERR ${what} multibulk length`);
    });

    test('a thousand unfinished requests take little', async () => {
      target = await Target.open('--requirepass', 'secret');
      const { grownBytes, latencyMs } = await target.during(async () => {
        for (let i = 0; i < 1000; i++) {
          (await target.connect()).write(`*10\r\n$16384\r\n${'x'.repeat(16_000)}`);
        }
      });
      expect(grownBytes).toBeLessThan(100 * MB);
      expect(latencyMs).toBeLessThan(LATENCY_MS);
    });

    test('who does not read the errors is disconnected', async () => {
      target = await Target.open('--requirepass', 'secret');
      const socket = await deafClient();
      const { grownBytes } = await target.during(async () => {
        const requests = repeated(10_000, ['SET', 'x', '5']);
        const closed = new Promise((resolve) => socket.on('close', resolve));
        while (!socket.destroyed) {
          const drained = new Promise((resolve) => socket.once('drain', resolve));
          if (!socket.write(requests)) await Promise.race([drained, closed]);
        }
      });
      expect(grownBytes).toBeLessThan(100 * MB);
    });
  });

  test('lengths that are only claimed cost nothing', async () => {
    target = await Target.open();
    const { grownBytes } = await target.during(async () => {
      for (let i = 0; i < 500; i++) {
        (await target.connect()).write('*1048576\r\n$536870912\r\nxxxx');
      }
      await sleep(300);
    });
    expect(grownBytes).toBeLessThan(100 * MB);
    const refused = ['*2147483648\r\n', '*1\r\n$536870913\r\n', '*1\r\n$-1\r\n', '*x\r\n'];
    for (const bytes of refused) {
      const client = await target.connect();
      client.write(bytes);
      expect(line(await client.read())).toMatch(/^-ERR Protocol error/);
    }
  });

  test('LCS of megabytes says that it takes too much', async () => {
    target = await Target.open();
    const client = await target.connect();
    await client.send('MSET', 'a', 'x'.repeat(MB), 'b', 'y'.repeat(MB));
    expect(line(await client.send('LCS', 'a', 'b'))).toContain('Insufficient memory');
  });

  test('patterns of a thousand stars, or of long text, end', async () => {
    target = await Target.open();
    const client = await target.connect();
    for (let i = 0; i < 100; i++) await client.send('SET', `${'a'.repeat(10_000)}${i}`, '1');
    const { latencyMs } = await target.during(async () => {
      for (const pattern of [
        `${'a*'.repeat(999)}b`,
        `*${'a'.repeat(900)}b*`,
        `${`*${'a'.repeat(99)}`.repeat(99)}b`,
        `${'*'.repeat(5000)}b`,
        '[a-z]*'.repeat(1000),
      ]) {
        await client.send('KEYS', pattern);
        await client.send('SCAN', '0', 'MATCH', pattern, 'COUNT', '1000');
        await client.send('CONFIG', 'GET', pattern);
      }
    });
    expect(latencyMs).toBeLessThan(2 * LATENCY_MS);
  });

  test('a million queued commands take what their text takes, and run', async () => {
    target = await Target.open();
    const client = await target.connect();
    const before = target.memory;
    await client.send('MULTI');
    const queueing = await target.during(async () => {
      expect(await flood(client, 1_000_000, ['SET', 'k', 'v'])).toBe('+QUEUED');
    });
    expect(queueing.latencyMs).toBeLessThan(LATENCY_MS);
    const running = await target.during(async () => {
      expect(line(await client.send('EXEC'))).toBe('*1000000');
    });
    expect(running.latencyMs).toBeLessThan(LEAVING_MS);
    expect(queueing.grownBytes + running.grownBytes).toBeLessThan(1000 * MB);
    while (target.memory > before + 250 * MB) await churn(client);
  });

  test('a transaction whose replies do not fit fails with an error, and changes nothing', async () => {
    target = await Target.open();
    const client = await target.connect();
    await client.send('RPUSH', 'l', ...Array.from({ length: 512 }, () => 'x'.repeat(1000)));
    await client.send('MULTI');
    await client.send('SET', 'changed', '1');
    for (let i = 0; i < 2000; i++) await client.send('LRANGE', 'l', '0', '-1');
    const { grownBytes, latencyMs } = await target.during(async () => {
      expect(line(await client.send('EXEC'))).toMatch(/^-ERR the transaction's replies would hold/);
    });
    expect(grownBytes).toBeLessThan(500 * MB);
    expect(latencyMs).toBeLessThan(LATENCY_MS);
    expect(line(await client.send('EXISTS', 'changed'))).toBe(':0');
  });

  test('a slow reader of a reply of 1 GB holds a part of it', async () => {
    target = await Target.open();
    const client = await target.connect();
    await client.send('SETRANGE', 'sparse', '536870000', 'x');
    const elements = Array.from({ length: 500 }, () => 'x'.repeat(10_000));
    for (let i = 0; i < 20; i++) await client.send('RPUSH', 'l', ...elements);
    const socket = await deafClient();
    const { grownBytes, latencyMs } = await target.during(async () => {
      const requests = [['MGET', 'sparse', 'sparse'], ...Array(5).fill(['LRANGE', 'l', '0', '-1'])];
      for (const request of requests) socket.write(encodeCommand(request));
      await sleep(3000);
    });
    expect(grownBytes).toBeLessThan(300 * MB);
    expect(latencyMs).toBeLessThan(LATENCY_MS);
    socket.destroy();
  });

  test('a hundred thousand subscriptions of each kind, and their end', async () => {
    target = await Target.open();
    const client = await target.connect();
    const other = await target.connect();
    const before = target.memory;
    const { grownBytes, latencyMs } = await target.during(async () => {
      for (const command of ['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']) {
        for (let i = 0; i < 100_000; i += 1000) {
          const names = Array.from({ length: 1000 }, (_, j) => `name:${i + j}*`);
          client.write(encodeCommand([command, ...names]));
          for (const _ of names) await client.read();
        }
      }
      expect(line(await other.send('PUBLISH', 'name:5*', 'x'))).not.toContain('-');
    });
    expect(grownBytes).toBeLessThan(300 * MB);
    expect(latencyMs).toBeLessThan(LATENCY_MS);
    const end = await target.during(async () => {
      client.close();
      while (line(await other.send('PUBSUB', 'NUMPAT')) !== ':0') await sleep(10);
      await sleep(500);
    });
    expect(end.latencyMs).toBeLessThan(LEAVING_MS);
    while (target.memory > before + 150 * MB) await churn(other);
  });
});
