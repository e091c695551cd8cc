/** node-redis against DiskDB: a real session in RESP2 and in RESP3. */

import { randomBytes } from 'node:crypto';
import { createClient, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missing, type Server, startServer, subject } from '../support/server.js';

const LARGE_BYTES = 3 * 1024 * 1024;

describe.skipIf(missing(subject()) !== undefined)('node-redis', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer(subject(), { cacheSize: '32MB' });
  });
  afterAll(() => server.stop());

  describe.each([2, 3] as const)('RESP%i', (RESP) => {
    const open = (database = 0) =>
      createClient({ socket: { port: server.port }, RESP, name: `node-redis-${RESP}`, database });
    let client: ReturnType<typeof open>;
    beforeAll(async () => {
      client = open();
      await client.connect();
    });
    beforeEach(() => client.flushAll());
    afterAll(() => client.close());

    it('speaks the protocol it asked for', async () => {
      const info = await client.clientInfo();
      expect(info).toMatchObject({ resp: RESP, name: `node-redis-${RESP}` });
    });

    it('writes and reads strings', async () => {
      expect(await client.set('k', 'v')).toBe('OK');
      expect(await client.get('k')).toBe('v');
      expect(await client.get('absent')).toBeNull();
      expect(await client.set('k', 'w', { condition: 'NX' })).toBeNull();
      expect(await client.set('k', 'w', { GET: true })).toBe('v');
      expect(await client.append('k', 'xyz')).toBe(4);
      expect(await client.getRange('k', 1, 2)).toBe('xy');
      expect(await client.getDel('k')).toBe('wxyz');
      expect(await client.exists(['k', 'absent'])).toBe(0);
      expect(await client.lcsLen('absent', 'absent')).toBe(0);
    });

    it('counts', async () => {
      expect(await client.incr('n')).toBe(1);
      expect(await client.incrBy('n', 41)).toBe(42);
      expect(await client.decrBy('n', 2)).toBe(40);
      expect(await client.incrByFloat('n', 0.5)).toBe('40.5');
    });

    it('writes and reads many keys', async () => {
      expect(await client.mSet({ a: '1', b: '2' })).toBe('OK');
      expect(await client.mGet(['a', 'absent', 'b'])).toEqual(['1', null, '2']);
      expect(await client.mSetNX({ b: '3', c: '4' })).toBe(0);
      expect(await client.copy('a', 'c')).toBe(1);
      expect(await client.rename('c', 'd')).toBe('OK');
      expect(await client.type('d')).toBe('string');
      expect(await client.del(['a', 'b', 'd'])).toBe(3);
    });

    it('expires keys', async () => {
      await client.set('k', 'v', { expiration: { type: 'PX', value: 50 } });
      await expect.poll(() => client.get('k'), { timeout: 20_000 }).toBeNull();
      await client.setEx('k', 100, 'v');
      expect(await client.expire('k', 50, 'GT')).toBe(0);
      expect(await client.ttl('k')).toBeGreaterThan(90);
      expect(await client.persist('k')).toBe(1);
      expect(await client.expireTime('k')).toBe(-1);
    });

    it('scans with its iterator', async () => {
      const names = Array.from({ length: 500 }, (_, index) => `user:${index}`);
      await client.mSet(names.map((name) => [name, 'x'] as [string, string]));
      await client.set('other', 'x');
      const found = new Set<string>();
      for await (const keys of client.scanIterator({ MATCH: 'user:*', COUNT: 50 })) {
        for (const key of keys) found.add(key);
      }
      expect(found.size).toBe(500);
      expect(await client.dbSize()).toBe(501);
    });

    it('pipelines what is sent in one turn', async () => {
      const counts = await Promise.all(Array.from({ length: 5000 }, () => client.incr('counter')));
      expect(counts).toEqual(counts.map((_, index) => index + 1));
    });

    it('reports errors and lives on', async () => {
      await client.set('k', 'text');
      await expect(client.incr('k')).rejects.toThrow('ERR value is not an integer or out of range');
      await expect(client.sendCommand(['NOSUCH'])).rejects.toThrow('ERR unknown command');
      await expect(client.sendCommand(['SET', 'k'])).rejects.toThrow('wrong number of arguments');
      expect(await client.ping()).toBe('PONG');
    });

    it('keeps large and binary values as they are', async () => {
      const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
      const large = randomBytes(LARGE_BYTES);
      await bytes.set('large', large);
      expect((await bytes.get('large'))?.equals(large)).toBe(true);
      await client.set('text', 'grüße, 世界 🌍');
      expect(await client.get('text')).toBe('grüße, 世界 🌍');
    });

    it('uses databases', async () => {
      const other = open(7);
      await other.connect();
      await other.set('k', 'seven');
      expect(await client.get('k')).toBeNull();
      await client.swapDb(0, 7);
      expect(await client.get('k')).toBe('seven');
      await other.close();
    });

    it('reads INFO and CONFIG', async () => {
      expect(await client.info('server')).toContain('redis_version');
      expect(await client.configGet('maxmemory')).toHaveProperty('maxmemory');
      expect(await client.time()).toBeDefined();
    });
  });
});
