/** ioredis against DiskDB: a real session in RESP2 and in RESP3. */

import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missing, type Server, startServer, subject } from '../support/server.js';

const LARGE_BYTES = 5 * 1024 * 1024;

describe.skipIf(missing(subject()) !== undefined)('ioredis', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer(subject(), { cacheSize: '32MB' });
  });
  afterAll(() => server.stop());

  describe.each([2, 3] as const)('RESP%i', (protocol) => {
    let redis: Redis;
    beforeAll(() => {
      redis = new Redis({ port: server.port, protocol, connectionName: `ioredis-${protocol}` });
    });
    beforeEach(() => redis.flushall());
    afterAll(() => redis.quit());

    it('speaks the protocol it asked for', async () => {
      expect(String(await redis.client('INFO'))).toContain(`resp=${protocol}`);
      expect(await redis.client('GETNAME')).toBe(`ioredis-${protocol}`);
    });

    it('writes and reads strings', async () => {
      expect(await redis.set('k', 'v')).toBe('OK');
      expect(await redis.get('k')).toBe('v');
      expect(await redis.get('absent')).toBeNull();
      expect(await redis.set('k', 'w', 'NX')).toBeNull();
      expect(await redis.set('k', 'w', 'XX', 'GET')).toBe('v');
      expect(await redis.append('k', 'xyz')).toBe(4);
      expect(await redis.getrange('k', 1, 2)).toBe('xy');
      expect(await redis.setrange('k', 6, '!')).toBe(7);
      expect(await redis.strlen('k')).toBe(7);
      expect(await redis.getdel('k')).toBe('wxyz\0\0!');
      expect(await redis.exists('k')).toBe(0);
    });

    it('counts', async () => {
      expect(await redis.incr('n')).toBe(1);
      expect(await redis.incrby('n', 41)).toBe(42);
      expect(await redis.decr('n')).toBe(41);
      expect(await redis.incrbyfloat('n', 0.5)).toBe('41.5');
    });

    it('writes and reads many keys', async () => {
      expect(await redis.mset({ a: '1', b: '2' })).toBe('OK');
      expect(await redis.mget('a', 'absent', 'b')).toEqual(['1', null, '2']);
      expect(await redis.msetnx('b', '3', 'c', '4')).toBe(0);
      expect(await redis.del('a', 'b', 'c')).toBe(2);
    });

    it('expires keys', async () => {
      await redis.set('k', 'v', 'PX', 100_000);
      expect(await redis.pttl('k')).toBeGreaterThan(0);
      await redis.set('k', 'v', 'PX', 50);
      await expect.poll(() => redis.get('k'), { timeout: 20_000 }).toBeNull();
      await redis.set('k', 'v', 'EX', 100);
      expect(await redis.expire('k', 50, 'GT')).toBe(0);
      expect(await redis.persist('k')).toBe(1);
      expect(await redis.ttl('k')).toBe(-1);
      expect(await redis.ttl('absent')).toBe(-2);
    });

    it('scans with its stream', async () => {
      const names = Array.from({ length: 500 }, (_, index) => `user:${index}`);
      await redis.mset(...names.flatMap((name) => [name, 'x']), 'other', 'x');
      const found = new Set<string>();
      for await (const keys of redis.scanStream({ match: 'user:*', count: 50 })) {
        for (const key of keys as string[]) found.add(key);
      }
      expect(found.size).toBe(500);
      expect(await redis.dbsize()).toBe(501);
    });

    it('pipelines, with errors in their places', async () => {
      const replies = await redis.pipeline().set('k', 'text').incr('k').get('k').exec();
      expect(replies?.[0]).toEqual([null, 'OK']);
      expect(replies?.[1]?.[0]?.message).toBe('ERR value is not an integer or out of range');
      expect(replies?.[2]).toEqual([null, 'text']);
      const many = redis.pipeline();
      for (let index = 0; index < 5000; index++) many.incr('counter');
      const counted = await many.exec();
      expect(counted?.map(([, count]) => count)).toEqual(counted?.map((_, index) => index + 1));
    });

    it('reports errors and lives on', async () => {
      await expect(redis.call('NOSUCH', 'x')).rejects.toThrow("ERR unknown command 'NOSUCH'");
      await expect(redis.call('GET')).rejects.toThrow(
        "ERR wrong number of arguments for 'get' command",
      );
      await expect(redis.rename('absent', 'k')).rejects.toThrow('ERR no such key');
      expect(await redis.ping()).toBe('PONG');
    });

    it('keeps large and binary values as they are', async () => {
      const binary = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      await redis.set(binary, binary);
      expect(await redis.getBuffer(binary)).toEqual(binary);
      const large = randomBytes(LARGE_BYTES);
      await redis.set('large', large);
      expect((await redis.getBuffer('large'))?.equals(large)).toBe(true);
      await redis.append('large', 'tail');
      expect(await redis.strlen('large')).toBe(LARGE_BYTES + 4);
      expect(await redis.getrangeBuffer('large', 1000, 1099)).toEqual(large.subarray(1000, 1100));
      await redis.set('text', 'grüße, 世界 🌍');
      expect(await redis.get('text')).toBe('grüße, 世界 🌍');
    });

    it('uses databases', async () => {
      const other = redis.duplicate({ db: 5 });
      await other.set('k', 'five');
      expect(await redis.get('k')).toBeNull();
      expect(await redis.select(5)).toBe('OK');
      expect(await redis.get('k')).toBe('five');
      expect(await redis.move('k', 0)).toBe(1);
      await redis.select(0);
      expect(await redis.get('k')).toBe('five');
      await other.quit();
    });

    it('reads INFO, CONFIG and TIME', async () => {
      expect(await redis.info('server')).toContain('redis_version');
      expect(await redis.config('GET', 'maxmemory')).toBeDefined();
      expect(await redis.time()).toHaveLength(2);
    });
  });
});
