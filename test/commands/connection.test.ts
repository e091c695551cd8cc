/** The connection group: replies against redis-server where they can be the same, and what DiskDB's own must be. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectionCommands } from '../../src/commands/connection/connection.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';

const groups = [connectionCommands, stringCommands];

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let oracle: RedisOracle;
  let harness: CommandHarness;

  beforeAll(async () => {
    oracle = await RedisOracle.start();
    harness = await CommandHarness.open(groups);
  });

  afterAll(async () => {
    await harness?.close();
    await oracle?.stop();
  });

  test.each([
    ['PING'],
    ['PING', 'hello'],
    ['PING', 'x', 'y'],
    ['ECHO', 'a\r\nb'],
    ['ECHO'],
    ['SELECT', '1'],
    ['SELECT', '16'],
    ['SELECT', '-1'],
    ['SELECT', 'x'],
    ['SELECT', '0'],
    ['AUTH', 'secret'],
    ['AUTH', 'default', 'anything'],
    ['AUTH', 'nobody', 'anything'],
    ['AUTH', 'a', 'b', 'c'],
    ['HELLO', 'x'],
    ['HELLO', '4'],
    ['HELLO', '1'],
    ['HELLO', '3', 'AUTH', 'nobody', 'x'],
    ['HELLO', '3', 'AUTH', 'x'],
    ['HELLO', '3', 'SETNAME', 'with blank'],
    ['HELLO', '3', 'BOGUS'],
    ['CLIENT', 'GETNAME'],
    ['CLIENT', 'SETNAME', 'some-name'],
    ['CLIENT', 'GETNAME'],
    ['CLIENT', 'SETNAME', 'with blank'],
    ['CLIENT', 'SETNAME', ''],
    ['CLIENT', 'GETNAME'],
    ['CLIENT', 'NO-EVICT', 'on'],
    ['CLIENT', 'NO-EVICT', 'x'],
    ['CLIENT', 'NO-EVICT', 'off'],
    ['CLIENT', 'REPLY', 'x'],
    ['CLIENT', 'REPLY', 'on'],
    ['CLIENT', 'LIST', 'TYPE', 'x'],
    ['CLIENT', 'LIST', 'TYPE'],
    ['CLIENT', 'LIST', 'ID', 'x'],
    ['CLIENT', 'LIST', 'ID', '9999'],
    ['CLIENT', 'LIST', 'TYPE', 'pubsub'],
    ['CLIENT', 'LIST', 'BOGUS'],
    ['CLIENT', 'KILL', '1.2.3.4:5'],
    ['CLIENT', 'KILL', 'ID', '0'],
    ['CLIENT', 'KILL', 'ID', 'x'],
    ['CLIENT', 'KILL', 'ID', '9999'],
    ['CLIENT', 'KILL', 'TYPE', 'x'],
    ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
    ['CLIENT', 'KILL', 'USER', 'nobody'],
    ['CLIENT', 'KILL', 'SKIPME', 'x'],
    ['CLIENT', 'KILL', 'ID', '1', 'ADDR'],
    ['CLIENT', 'KILL', 'BOGUS', 'x'],
    ['CLIENT', 'UNBLOCK', '9999'],
    ['CLIENT', 'UNBLOCK', '9999', 'x'],
    ['CLIENT', 'UNBLOCK', 'x'],
    ['CLIENT', 'TRACKINGINFO'],
    ['CLIENT', 'GETREDIR'],
    ['CLIENT', 'TRACKING', 'off'],
    ['CLIENT', 'TRACKING', 'x'],
    ['CLIENT', 'CACHING', 'yes'],
    ['CLIENT', 'UNPAUSE'],
    ['CLIENT', 'PAUSE', 'x'],
    ['CLIENT', 'ID', 'x'],
    ['CLIENT', 'BOGUS'],
    ['CLIENT'],
    ['RESET'],
  ])('%s %s %s %s', async (...args) => {
    expect(await harness.run(...args)).toBe(await oracle.run(...args));
  });
});

describe('clients', () => {
  let harness: CommandHarness;
  let client: TestClient;

  beforeEach(async () => {
    harness = await CommandHarness.open(groups);
    client = harness.client;
    return () => harness.close();
  });

  test('HELLO answers in the protocol it chooses', async () => {
    const three = await client.run('HELLO', '3', 'SETNAME', 'me');
    expect(three.startsWith('%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n')).toBe(true);
    expect(three).toContain('$5\r\nproto\r\n:3\r\n');
    expect(await client.run('CLIENT', 'GETNAME')).toBe('$2\r\nme\r\n');
    expect((await client.run('HELLO', '2')).startsWith('*14\r\n')).toBe(true);
    expect((await client.run('HELLO')).startsWith('*14\r\n')).toBe(true);
  });

  test('CLIENT INFO has the fields of Redis 7.4, in their order', async () => {
    await client.run('CLIENT', 'SETNAME', 'me');
    await client.run('CLIENT', 'SETINFO', 'lib-name', 'lib');
    await client.run('CLIENT', 'SETINFO', 'LIB-VER', '1.0');
    const info = (await client.run('CLIENT', 'INFO')).split('\r\n')[1] as string;
    expect(info.trimEnd().replace(/tot-mem=[0-9]+/, 'tot-mem=N')).toBe(
      'id=1 addr=127.0.0.1:50001 laddr=127.0.0.1:6380 fd=8 name=me age=0 idle=0 flags=N db=0 ' +
        'sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 ' +
        'obl=0 oll=0 omem=0 tot-mem=N events=r cmd=client|info user=default redir=-1 resp=2 ' +
        'lib-name=lib lib-ver=1.0',
    );
  });

  test('CLIENT SETINFO refuses what would break the list', async () => {
    expect(await client.run('CLIENT', 'SETINFO', 'lib-name', 'a b')).toBe(
      '-ERR lib-name cannot contain spaces, newlines or special characters.\r\n',
    );
    expect(await client.run('CLIENT', 'SETINFO', 'bogus', 'x')).toBe(
      "-ERR Unrecognized option 'bogus'\r\n",
    );
  });

  test('CLIENT LIST finds clients by id, once each time they are named', async () => {
    harness.connect();
    const list = await client.run('CLIENT', 'LIST', 'ID', '2', '1', '2', '7');
    expect(list.match(/id=[0-9]+/g)).toEqual(['id=2', 'id=1', 'id=2']);
  });

  test('CLIENT KILL spares its sender unless it is told not to', async () => {
    const other = harness.connect();
    expect(await client.run('CLIENT', 'KILL', 'TYPE', 'normal')).toBe(':1\r\n');
    expect([client.ended, other.ended]).toEqual([undefined, 'killed']);
    expect(await client.run('CLIENT', 'KILL', 'ID', '1', 'SKIPME', 'no')).toBe(':1\r\n');
    expect(client.ended).toBe('after reply');
  });

  test('CLIENT KILL by address may hit the sender', async () => {
    expect(await client.run('CLIENT', 'KILL', client.address)).toBe('+OK\r\n');
    expect(client.ended).toBe('after reply');
  });

  test('RESET makes the connection new, QUIT ends it', async () => {
    await client.run('HELLO', '3', 'SETNAME', 'me');
    await client.run('SELECT', '5');
    expect(await client.run('RESET')).toBe('+RESET\r\n');
    expect(client.session.databaseIndex).toBe(0);
    expect(await client.run('CLIENT', 'GETNAME')).toBe('$-1\r\n');
    expect(await client.run('QUIT')).toBe('+OK\r\n');
    expect(client.ended).toBe('after reply');
  });

  test('with a password, AUTH and HELLO AUTH let in who knows it', async () => {
    const { config } = harness.server;
    config.set([['requirepass', 'p\u00e4ss']]);
    client.session.authenticated = false;
    expect(await client.run('HELLO', '3')).toMatch(/^-NOAUTH HELLO must be called/);
    expect(await client.run('AUTH', 'wrong')).toMatch(/^-WRONGPASS /);
    expect(client.session.authenticated).toBe(false);
    expect(await client.run('AUTH', 'p\u00c3\u00a4ss')).toBe('+OK\r\n');
    expect(client.session.authenticated).toBe(true);
    client.session.authenticated = false;
    expect(await client.run('HELLO', '3', 'AUTH', 'default', 'p\u00c3\u00a4ss')).toMatch(/^%7\r\n/);
    expect(client.session.authenticated).toBe(true);
  });
});
