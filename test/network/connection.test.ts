/** What a client sees of its connection, over a real socket: order, ends, errors, and what others notice of it. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  bulk,
  eventually,
  type RawClient,
  ServerWorld,
  type ServerWorldOptions,
} from './network-world.js';

let world: ServerWorld;

afterEach(() => world.close());

async function open(options: ServerWorldOptions = {}): Promise<RawClient> {
  world = await ServerWorld.open(options);
  return world.connect();
}

/** Keys `key0` … with values `value0` …, all of them cold. */
async function coldKeys(client: RawClient, count: number): Promise<void> {
  const pairs = Array.from({ length: count }, (_, i) => [`key${i}`, `value${i}`]).flat();
  await client.ask('+OK\r\n', ['MSET', ...pairs]);
  await world.chill();
}

function gets(count: number): string[][] {
  return Array.from({ length: count }, (_, i) => ['GET', `key${i}`]);
}

function values(count: number): string {
  return Array.from({ length: count }, (_, i) => bulk(`value${i}`)).join('');
}

test('a pipeline that mixes cold keys, hot keys and errors is answered in order', async () => {
  const client = await open();
  await coldKeys(client, 50);
  const requests: string[][] = [];
  let expected = '';
  for (let i = 0; i < 50; i++) {
    requests.push(['GET', `key${i}`], ['PING', `${i}`], ['SET', `hot${i}`, 'x'], ['WHAT']);
    expected += `${bulk(`value${i}`)}${bulk(`${i}`)}+OK\r\n`;
    expected += "-ERR unknown command 'WHAT', with args beginning with: \r\n";
  }
  requests.push(['ECHO', 'end']);
  expect(await client.ask(bulk('end'), ...requests)).toBe(expected + bulk('end'));
});

test('the keys of 512 requests behind a cold one are loaded with it', async () => {
  const client = await open();
  await coldKeys(client, 700);
  const { keys, release } = world.holdLoads();
  client.send(...gets(700));
  await eventually(() => keys.length > 0);
  release();
  expect(await client.until(values(700).slice(-40))).toBe(values(700));
  expect(keys.reduce((sum, count) => sum + count)).toBe(700);
  expect(keys.slice(0, 2).reduce((sum, count) => sum + count)).toBe(513);
  expect(keys.length).toBeLessThanOrEqual(4);
});

test('while one client waits for something cold the others are served', async () => {
  const client = await open();
  const other = await world.connect();
  await coldKeys(client, 1);
  const { release } = world.holdLoads();
  client.send(['GET', 'key0'], ['PING']);
  expect(await other.ask('+PONG\r\n', ['SET', 'a', 'b'], ['PING'])).toBe('+OK\r\n+PONG\r\n');
  expect(client.received).toBe('');
  release();
  expect(await client.until('+PONG\r\n')).toBe(`${bulk('value0')}+PONG\r\n`);
});

test('a protocol error is answered after the requests before it, and closes that connection only', async () => {
  const client = await open();
  const other = await world.connect();
  await coldKeys(client, 1);
  client.write('*2\r\n$3\r\nGET\r\n$4\r\nkey0\r\nPING\r\n*1\r\nPING\r\n');
  expect(await client.untilEnd()).toBe(
    `${bulk('value0')}+PONG\r\n-ERR Protocol error: expected '$', got 'P'\r\n`,
  );
  expect(await other.ask('+PONG\r\n', ['PING'])).toBe('+PONG\r\n');
  client.destroy();
  await eventually(() => world.connections === 1);
});

test.each([
  ['a count that is no number', '*x\r\n', 'invalid multibulk length'],
  ['a negative length', '*1\r\n$-5\r\n', 'invalid bulk length'],
  ['a length above the limit', '*1\r\n$600000000\r\n', 'invalid bulk length'],
  ['an open quote', 'GET "unbalanced\r\n', 'unbalanced quotes in request'],
  ['a long line', 'x'.repeat(70_000), 'too big inline request'],
])('%s is a protocol error', async (_, bytes, text) => {
  const client = await open();
  client.write(bytes);
  expect(await client.untilEnd()).toBe(`-ERR Protocol error: ${text}\r\n`);
});

test.each([
  ['POST', 'POST / HTTP/1.1\r\nHost: localhost:6380\r\n\r\nSET a b\r\n'],
  ['GET', 'GET / HTTP/1.1\r\nHost: localhost:6380\r\n\r\nSET a b\r\n'],
  ['a lower-case', 'post / HTTP/1.1\r\n\r\nSET a b\r\n'],
])('%s request of a browser is hung up on, and what its body says is not run', async (_, text) => {
  const client = await open();
  const other = await world.connect();
  client.write(text);
  await client.untilEnd();
  expect(await other.ask('\r\n', ['DBSIZE'])).toBe(':0\r\n');
});

test('a protocol error parsed ahead of a request that waits comes after its reply', async () => {
  const client = await open();
  await coldKeys(client, 1);
  const { release } = world.holdLoads();
  client.write('GET key0\r\n*1\r\n+PING\r\n');
  await eventually(() => world.context.keyspace.runner.faults > 0);
  client.write('more of it\r\n');
  release();
  expect(await client.untilEnd()).toBe(
    `${bulk('value0')}-ERR Protocol error: expected '$', got '+'\r\n`,
  );
});

test.each([
  ['a negative length', '*2\r\n$3\r\nDEL\r\n$-1\r\n$1\r\nk\r\n'],
  ['a length above the limit', '*2\r\n$3\r\nDEL\r\n$999999999\r\n$1\r\nk\r\n'],
  ['a count that is no number', '*x\r\n*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n'],
])('nothing behind %s in a pipeline is run', async (_, bytes) => {
  const client = await open();
  const other = await world.connect();
  await other.ask('+OK\r\n', ['SET', 'k', 'v']);
  client.write(`PING\r\n${bytes}`);
  expect(await client.untilEnd()).toMatch(/^\+PONG\r\n-ERR Protocol error: [^\r]*\r\n$/);
  expect(await other.ask('\r\n', ['EXISTS', 'k'])).toBe(':1\r\n');
});

test('requests cut at every byte are answered', async () => {
  const client = await open();
  const bytes = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\nGET a\r\n*1\r\n$4\r\nPING\r\n';
  client.socket.setNoDelay(true);
  for (const byte of bytes) {
    client.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await client.until('+PONG\r\n')).toBe(`+OK\r\n${bulk('hello')}+PONG\r\n`);
});

test('CLIENT REPLY OFF, SKIP and ON', async () => {
  const client = await open();
  await coldKeys(client, 2);
  const reply = await client.ask(
    bulk('end'),
    ['CLIENT', 'REPLY', 'SKIP'],
    ['GET', 'key0'],
    ['PING', 'after skip'],
    ['CLIENT', 'REPLY', 'OFF'],
    ['GET', 'key1'],
    ['WHAT'],
    ['CLIENT', 'REPLY', 'ON'],
    ['CLIENT', 'REPLY', 'SKIP'],
    ['CLIENT', 'REPLY', 'SKIP'],
    ['PING', 'skipped'],
    ['CLIENT', 'REPLY', 'SKIP'],
    ['RESET'],
    ['CLIENT', 'REPLY', 'OFF'],
    ['RESET'],
    ['ECHO', 'end'],
  );
  expect(reply).toBe(`${bulk('after skip')}+OK\r\n+RESET\r\n${bulk('end')}`);
});

test('QUIT in a pipeline: what is before it is answered, what is behind it is not run', async () => {
  const client = await open();
  const other = await world.connect();
  await coldKeys(client, 1);
  client.send(['GET', 'key0'], ['SET', 'a', '1'], ['QUIT'], ['SET', 'a', '2'], ['PING']);
  expect(await client.untilEnd()).toBe(`${bulk('value0')}+OK\r\n+OK\r\n`);
  expect(await other.ask(bulk('1'), ['GET', 'a'])).toBe(bulk('1'));
});

test('QUIT closes a connection that gets no replies', async () => {
  const client = await open();
  client.send(['CLIENT', 'REPLY', 'OFF'], ['SET', 'a', '1'], ['QUIT']);
  expect(await client.untilEnd()).toBe('');
});

test('a client that closes its side gets the replies to all it sent', async () => {
  const client = await open();
  await coldKeys(client, 100);
  client.send(...gets(100));
  client.finish();
  expect(await client.untilEnd()).toBe(values(100));
  await eventually(() => world.connections === 0);
});

test('a client that closes its side while its request waits gets its reply', async () => {
  const client = await open();
  await coldKeys(client, 1);
  const { keys, release } = world.holdLoads();
  client.send(['GET', 'key0'], ['SET', 'a', 'b']);
  client.finish();
  await eventually(() => keys.length > 0);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  release();
  expect(await client.untilEnd()).toBe(`${bulk('value0')}+OK\r\n`);
});

test('a client that closes its side in the middle of a request is closed', async () => {
  const client = await open();
  client.write('PING\r\n*2\r\n$3\r\nGET\r\n$4\r\nke');
  client.finish();
  expect(await client.untilEnd()).toBe('+PONG\r\n');
  await eventually(() => world.connections === 0);
});

test('a client that leaves while its request waits is forgotten, and its writes before it stand', async () => {
  const client = await open();
  await coldKeys(client, 1);
  const { keys, release } = world.holdLoads();
  client.send(['SET', 'a', '1'], ['GET', 'key0'], ['SET', 'a', '2']);
  await eventually(() => keys.length > 0);
  client.destroy();
  await eventually(() => world.connections === 0);
  release();
  const other = await world.connect();
  expect(await other.ask(bulk('1'), ['GET', 'a'])).toBe(bulk('1'));
});

test('with sync: always a reply leaves only after the sync, reads included', async () => {
  const client = await open({ environment: { DISKDB_PERSISTENCE_SYNC: 'always' } });
  const other = await world.connect();
  await client.ask('+OK\r\n', ['SET', 'a', '1']);
  const release = world.holdSyncs();
  client.send(['SET', 'a', '2'], ['PING']);
  await eventually(() => world.context.keyspace.storage.log.writtenLsn > 1);
  other.send(['GET', 'a']);
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(client.received + other.received).toBe('');
  release();
  expect(await client.until('+PONG\r\n')).toBe('+OK\r\n+PONG\r\n');
  expect(await other.until(bulk('2'))).toBe(bulk('2'));
});

test('with sync: always QUIT waits for the replies of the turns before it', async () => {
  const client = await open({ environment: { DISKDB_PERSISTENCE_SYNC: 'always' } });
  await client.ask('+OK\r\n', ['SET', 'a', '0']); // the first write makes the database, too
  const release = world.holdSyncs();
  const { log } = world.storage;
  const before = log.writtenLsn;
  client.send(['SET', 'a', '1']);
  await eventually(() => log.writtenLsn > before);
  client.send(['SET', 'a', '2'], ['QUIT']);
  await eventually(() => log.writtenLsn > before + 1);
  release();
  expect(await client.untilEnd()).toBe('+OK\r\n+OK\r\n+OK\r\n');
});

test('maxclients: one client too many gets the error and is closed, the others stay', async () => {
  const client = await open({ environment: { DISKDB_LIMITS_MAX_CLIENTS: '2' } });
  await world.connect();
  const third = await world.connect();
  expect(await third.untilEnd()).toBe('-ERR max number of clients reached\r\n');
  expect(await client.ask('+PONG\r\n', ['PING'])).toBe('+PONG\r\n');
  expect(world.context.statistics.connectionsRejected).toBe(1);
  await world.server.close({ save: false });
});

test('the server closes though clients are connected and requests wait', async () => {
  const client = await open();
  await coldKeys(client, 1);
  const idle = await world.connect();
  world.holdLoads();
  client.send(['GET', 'key0']);
  await eventually(() => world.context.keyspace.runner.faults > 0);
  await world.server.close({ save: false });
  await client.untilEnd();
  await idle.untilEnd();
});

test('the server closes when the replies that are due have left, and takes no further requests', async () => {
  const client = await open({ environment: { DISKDB_PERSISTENCE_SYNC: 'always' } });
  await coldKeys(client, 1);
  const other = await world.connect();
  const loads = world.holdLoads();
  other.send(['GET', 'key0']);
  await eventually(() => world.context.keyspace.runner.faults > 0);
  const releaseSyncs = world.holdSyncs();
  const { log } = world.storage;
  const before = log.writtenLsn;
  client.send(['SET', 'b', '1'], ['PING']);
  await eventually(() => log.writtenLsn > before);
  const closed = world.server.close({ save: false });
  client.send(['SET', 'b', '2']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(client.received + other.received).toBe('');
  loads.release();
  releaseSyncs();
  expect(await client.untilEnd()).toBe('+OK\r\n+PONG\r\n');
  expect(await other.untilEnd()).toBe(bulk('value0'));
  await closed;
});

test('SHUTDOWN gets no reply, those before it do, and idle clients do not hold it up', async () => {
  const client = await open({ environment: { DISKDB_PERSISTENCE_SYNC: 'always' } });
  await world.connect();
  // As the real one, it does not come back.
  const stays = (() => new Promise(() => undefined)) as unknown as () => never;
  const exit = vi.spyOn(process, 'exit').mockImplementation(stays);
  const before = performance.now();
  client.send(['SET', 'a', '1'], ['SHUTDOWN', 'NOSAVE'], ['PING']);
  expect(await client.untilEnd()).toBe('+OK\r\n');
  await eventually(() => exit.mock.calls.length > 0);
  expect(performance.now() - before).toBeLessThan(800);
  expect(exit).toHaveBeenCalledWith(0);
  exit.mockRestore();
});

test('the unix socket has the permissions that are configured', async () => {
  await open({ environment: { DISKDB_UNIX_SOCKET_PERMISSIONS: '706' } });
  expect(statSync(join(world.directory, 'socket')).mode & 0o777).toBe(0o706);
});

test('CLIENT KILL of another client and of oneself', async () => {
  const client = await open();
  const other = await world.connect();
  const id = (await other.ask('\r\n', ['CLIENT', 'ID'])).slice(1, -2);
  expect(await client.ask('\r\n', ['CLIENT', 'KILL', 'ID', id])).toBe(':1\r\n');
  await other.untilEnd();
  const own = (await client.ask('\r\n', ['CLIENT', 'ID'])).slice(1, -2);
  client.send(['CLIENT', 'KILL', 'ID', own, 'SKIPME', 'no'], ['PING']);
  expect(await client.untilEnd()).toBe(':1\r\n');
});

const BIG = 32 * 1024 * 1024;

test('a slow reader of large values holds a bounded part of them, and others go on', async () => {
  const client = await open();
  const other = await world.connect();
  await other.ask('+OK\r\n', ['SET', 'big', 'x'.repeat(BIG)]);
  client.socket.pause();
  client.send(...Array.from({ length: 50 }, () => ['GET', 'big']));
  for (let i = 0; i < 20; i++) {
    expect(await other.ask(bulk(`${i}`), ['ECHO', `${i}`])).toBe(bulk(`${i}`));
    for (const { outputBytes } of world.context.clients()) {
      expect(outputBytes).toBeLessThan(64 * 1024 * 1024 + 2 * BIG);
    }
  }
  client.socket.resume();
  let left = 50 * bulk('x'.repeat(BIG)).length;
  while (left > 0) left -= (await client.untilBytes(1)).length;
  expect(left).toBe(0);
  expect(await client.ask('+PONG\r\n', ['PING'])).toBe('+PONG\r\n');
}, 60_000);

test('a slow reader that has closed its side gets all that it asked for', async () => {
  const client = await open();
  await client.ask('+OK\r\n', ['SET', 'key', 'x'.repeat(16_000)]);
  const reply = bulk('x'.repeat(16_000));
  client.socket.pause();
  client.send(...Array.from({ length: 2_000 }, () => ['GET', 'key']));
  client.finish();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  client.socket.resume();
  expect((await client.untilEnd()).length).toBe(2_000 * reply.length);
  await eventually(() => world.connections === 0);
}, 20_000);

test('replies that are gathered reach their own clients whole, though others read slowly or leave', async () => {
  const client = await open();
  const sizes = [1, 900, 10_000, 15_999, 17_000, 49_150, 49_160, 70_000, 300_000];
  const texts = sizes.map((size, i) => String.fromCharCode(97 + i).repeat(size));
  await client.ask('+OK\r\n', ['MSET', ...texts.flatMap((text, i) => [`key${i}`, text])]);
  for (let round = 0; round < 4; round++) {
    const readers = await Promise.all([1, 2, 3, 4].map(() => world.connect()));
    const expected = readers.map((reader, at) => {
      const picks = Array.from(
        { length: 60 },
        (_, i) => (i * (at + 2) + round * at) % sizes.length,
      );
      if (at > 1) reader.socket.pause();
      reader.send(...picks.map((pick) => ['GET', `key${pick}`]), ['ECHO', `end${at}`]);
      return picks.map((pick) => bulk(texts[pick] as string)).join('') + bulk(`end${at}`);
    });
    readers[3]?.destroy();
    readers[2]?.socket.resume();
    for (let at = 0; at < 3; at++) {
      const got = await readers[at]?.until(bulk(`end${at}`));
      expect(got === expected[at]).toBe(true);
    }
    for (const reader of readers) reader.destroy();
  }
}, 60_000);

test('a client that sends without end while its request waits fills its socket, not the memory', async () => {
  const client = await open({ environment: { DISKDB_LIMITS_QUERY_BUFFER: '4MB' } });
  await coldKeys(client, 1);
  const { keys, release } = world.holdLoads();
  client.send(['GET', 'key0']);
  await eventually(() => keys.length > 0);
  const value = 'x'.repeat(100_000);
  client.send(...Array.from({ length: 200 }, (_, i) => ['SET', `k${i}`, value]), ['PING']);
  const [connection] = [...world.context.clients()];
  const { statistics } = world.context;
  await eventually(() => (connection?.queryBuffer.used ?? 0) + statistics.bytesRead > 1e6);
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(statistics.bytesRead).toBeLessThan(3 * 1024 * 1024);
  release();
  expect(await client.until('+PONG\r\n')).toBe(
    `${bulk('value0')}${'+OK\r\n'.repeat(200)}+PONG\r\n`,
  );
});

test('an unfinished request beyond the query buffer limit ends the connection', async () => {
  const client = await open({ environment: { DISKDB_LIMITS_QUERY_BUFFER: '1MB' } });
  client.write(`*2\r\n$3\r\nGET\r\n$5000000\r\n${'x'.repeat(3_000_000)}`);
  await client.untilEnd();
  await eventually(() => world.connections === 0);
});

test('a damaged record fails the request for it, not its neighbours in the pipeline', async () => {
  const client = await open();
  await coldKeys(client, 5);
  const { storage } = world;
  const load = storage.load.bind(storage);
  storage.load = async (keys) => {
    if (keys.some((key) => key.endsWith('key3'))) {
      throw Object.assign(new Error('checksum'), { code: 'STORE_CORRUPT' });
    }
    return load(keys);
  };
  const reply = await client.ask(bulk('value4'), ...gets(5));
  expect(reply.startsWith(values(3))).toBe(true);
  expect(reply.endsWith(bulk('value4'))).toBe(true);
  expect(reply.slice(values(3).length, -bulk('value4').length)).toMatch(/^-ERR .*checksum\r\n$/);
});
