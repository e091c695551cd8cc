/** redlock: locks that one holder has at a time, through scripts, over several servers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import Redlock from 'redlock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Application, reasonToSkip } from '../support/application.js';

describe.skipIf(reasonToSkip !== undefined)('redlock', () => {
  let apps: Application[];
  let locks: Redlock;

  beforeAll(async () => {
    apps = await Promise.all([Application.open(), Application.open(), Application.open()]);
    locks = makeLocks(0);
  });
  afterAll(() => Promise.all(apps.map((app) => app.close())));

  function makeLocks(retryCount: number): Redlock {
    const clients = apps.map(connectOnce);
    return new Redlock(clients, { retryCount, retryDelay: 20, retryJitter: 10 });
  }

  /** What is asked of a server that is gone is not to wait for it. */
  function connectOnce(app: Application): Redis {
    const { host, port } = app.server;
    const client = new Redis(port, host, { retryStrategy: () => null });
    client.on('error', () => undefined);
    return app.closing(client, (open) => open.disconnect());
  }

  it('gives a lock to one at a time', async () => {
    const lock = await locks.lock('door', 10_000);
    await expect(locks.lock('door', 10_000)).rejects.toThrow();
    await lock.unlock();
    await (await locks.lock('door', 10_000)).unlock();
  });

  it('lets many take turns, none at once', async () => {
    const patient = makeLocks(500);
    let inside = 0;
    let most = 0;
    const visit = async (): Promise<void> => {
      const lock = await patient.lock('room', 10_000);
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
      await lock.unlock();
    };
    await Promise.all(Array.from({ length: 10 }, visit));
    expect(most).toBe(1);
  });

  it('gives a lock back when its time is up, or later if it is extended', async () => {
    await locks.lock('short', 200);
    const long = await (await locks.lock('long', 400)).extend(10_000);
    await sleep(500);
    await (await locks.lock('short', 1000)).unlock();
    await expect(locks.lock('long', 1000)).rejects.toThrow();
    await long.unlock();
  });

  it('locks several things, all or none', async () => {
    const both = await locks.lock(['a', 'b'], 10_000);
    await expect(locks.lock(['b', 'c'], 10_000)).rejects.toThrow();
    const c = await locks.lock('c', 10_000);
    await c.unlock();
    await both.unlock();
  });

  it('works while most of the servers do', async () => {
    await apps[2]?.server.kill();
    const lock = await locks.lock('left', 10_000);
    await expect(locks.lock('left', 10_000)).rejects.toThrow();
    await lock.unlock();
  });
});
