/** Users by real clients: they log in by name, and what ACL answers is what they take apart. */

import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missing, type Server, startServer } from '../support/server.js';

const USER = [
  '--user',
  'app on >secret ~app:* %R~shared:* &app:* +@all -@dangerous +info (~log:* +append)',
];

describe.skipIf(missing('diskdb') !== undefined)('users', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer('diskdb', { cacheSize: '32MB', arguments: USER });
  });
  afterAll(() => server.stop());

  test.each([2, 3] as const)('ioredis, RESP%i', async (protocol) => {
    const options = { port: server.port, protocol, username: 'app', password: 'secret' };
    const redis = new Redis(options);
    try {
      expect(await redis.acl('WHOAMI')).toBe('app');
      expect(await redis.set('app:1', 'x')).toBe('OK');
      await expect(redis.set('shared:1', 'x')).rejects.toThrow(
        'NOPERM No permissions to access a key',
      );
      await expect(redis.flushall()).rejects.toThrow(
        "NOPERM User app has no permissions to run the 'flushall'",
      );
      expect(await redis.append('log:1', 'x')).toBeGreaterThan(0);
      const results = await redis.multi().set('app:2', 'y').get('app:2').exec();
      expect(results?.map(([error, value]) => error ?? value)).toEqual(['OK', 'y']);
    } finally {
      redis.disconnect();
    }
  });

  test('ioredis tells a wrong password', async () => {
    const redis = new Redis({
      port: server.port,
      username: 'app',
      password: 'x',
      lazyConnect: true,
    });
    const errors: Error[] = [];
    redis.on('error', (error) => errors.push(error));
    try {
      await expect(redis.connect().then(() => redis.get('app:1'))).rejects.toThrow();
      expect(errors.map(({ message }) => message).join()).toContain('WRONGPASS');
    } finally {
      redis.disconnect();
    }
  });

  test.each([2, 3] as const)('node-redis, RESP%i', async (RESP) => {
    const admin = createClient({ socket: { port: server.port }, RESP });
    const app = createClient({
      socket: { port: server.port },
      RESP,
      username: 'app',
      password: 'secret',
    });
    app.on('error', () => undefined);
    await Promise.all([admin.connect(), app.connect()]);
    try {
      expect(await app.aclWhoAmI()).toBe('app');
      await expect(app.get('other')).rejects.toThrow('NOPERM');
      expect(await admin.aclUsers()).toEqual(['app', 'default']);
      expect(await admin.aclGetUser('app')).toMatchObject({
        flags: ['on', 'sanitize-payload'],
        commands: '+@all -@dangerous +info',
        keys: '~app:* %R~shared:*',
        channels: '&app:*',
        selectors: [{ commands: '-@all +append', keys: '~log:*', channels: '' }],
      });
      expect(await admin.aclDryRun('app', ['GET', 'app:1'])).toBe('OK');
      expect(await admin.aclDryRun('app', ['SET', 'x', 'y'])).toContain("access the 'x' key");
      const [entry] = await admin.aclLog(1);
      expect(entry).toMatchObject({ reason: 'key', context: 'toplevel', object: 'other' });
      expect(await admin.aclLogReset()).toBe('OK');
      expect((await admin.aclGenPass(64)).length).toBe(16);
      expect(await admin.aclCat('transaction')).toContain('multi');
      expect(await admin.aclSetUser('temporary', ['on', 'nopass'])).toBe('OK');
      expect(await admin.aclDelUser('temporary')).toBe(1);
    } finally {
      admin.destroy();
      app.destroy();
    }
  });
});
