/** Keyv and cache-manager over it: values that expire, namespaces, and functions whose results are kept. */

import { setTimeout as sleep } from 'node:timers/promises';
import KeyvRedis, { createKeyv } from '@keyv/redis';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Application, reasonToSkip } from '../support/application.js';

describe.skipIf(reasonToSkip !== undefined)('caches', () => {
  let app: Application;
  beforeAll(async () => {
    app = await Application.open();
  });
  beforeEach(() => app.ioredis().flushall());
  afterAll(() => app.close());

  function keyv(namespace: string): Keyv {
    const store = new KeyvRedis(app.url, { namespace });
    return app.closing(new Keyv({ store, namespace, useKeyPrefix: false }), (open) =>
      open.disconnect(),
    );
  }

  describe('keyv', () => {
    it('keeps values of any form, one or many', async () => {
      const cache = keyv('a');
      await cache.set('user', { name: 'Ann', tags: ['x', 'y'], at: 1.5 });
      expect(await cache.get('user')).toEqual({ name: 'Ann', tags: ['x', 'y'], at: 1.5 });
      await cache.setMany([
        { key: 'b', value: 1 },
        { key: 'c', value: null },
      ]);
      expect(await cache.getMany(['b', 'absent', 'c'])).toEqual([1, undefined, null]);
      expect(await cache.has('b')).toBe(true);
      expect(await cache.delete('b')).toBe(true);
      expect(await cache.has('b')).toBe(false);
    });

    it('lets them expire', async () => {
      const cache = keyv('a');
      await cache.set('short', 'x', 300);
      await cache.set('long', 'x', 60_000);
      expect(await cache.get('short')).toBe('x');
      await sleep(500);
      expect(await cache.get('short')).toBeUndefined();
      expect(await cache.get('long')).toBe('x');
    });

    it('clears one namespace and leaves the others', async () => {
      const [one, other] = [keyv('one'), keyv('other')];
      await Promise.all(Array.from({ length: 300 }, (_, i) => one.set(`k${i}`, i)));
      await other.set('k', 'stays');
      const names: string[] = [];
      for await (const [name] of one.iterator?.({}) ?? []) names.push(name);
      expect(new Set(names).size).toBe(300);
      await one.clear();
      expect(await one.get('k7')).toBeUndefined();
      expect(await other.get('k')).toBe('stays');
    });
  });

  describe('cache-manager', () => {
    it('computes what it does not have, once', async () => {
      const stores = [app.closing(createKeyv(app.url), (open) => open.disconnect())];
      const cache = createCache({ stores, ttl: 60_000 });
      let calls = 0;
      const compute = async (): Promise<object> => {
        calls++;
        await sleep(20);
        return { sum: 42 };
      };
      const results = await Promise.all(
        Array.from({ length: 10 }, () => cache.wrap('answer', compute)),
      );
      expect(results).toEqual(Array(10).fill({ sum: 42 }));
      expect(await cache.wrap('answer', compute)).toEqual({ sum: 42 });
      expect(calls).toBe(1);
      await cache.del('answer');
      await cache.wrap('answer', compute);
      expect(calls).toBe(2);
    });

    it('reads and writes many, says how long they last, and clears', async () => {
      const stores = [app.closing(createKeyv(app.url), (open) => open.disconnect())];
      const cache = createCache({ stores });
      await cache.mset([
        { key: 'a', value: 1, ttl: 60_000 },
        { key: 'b', value: 2 },
      ]);
      expect(await cache.mget(['a', 'b', 'c'])).toEqual([1, 2, undefined]);
      const until = (await cache.ttl('a')) ?? 0;
      expect(until).toBeGreaterThan(Date.now());
      await cache.clear();
      expect(await cache.get('a')).toBeUndefined();
    });
  });
});
