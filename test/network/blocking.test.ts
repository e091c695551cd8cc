/** Clients that wait for a list, over a real socket: in order, in one group with the push, and gone without a loss. */

import { afterEach, expect, test } from 'vitest';
import { bulk, eventually, type RawClient, ServerWorld } from './network-world.js';

let world: ServerWorld;

afterEach(() => world.close());

async function open(environment: Readonly<Record<string, string>> = {}): Promise<RawClient> {
  world = await ServerWorld.open({ environment });
  return world.connect();
}

function blocked(): number {
  return [...world.context.clients()].filter(({ isBlocked }) => isBlocked).length;
}

async function waiting(...requests: readonly (readonly string[])[]): Promise<RawClient> {
  const before = blocked();
  const client = await world.connect();
  client.send(...requests);
  await eventually(() => blocked() === before + 1);
  return client;
}

test('what stands behind it in the pipeline waits too', async () => {
  const pusher = await open();
  const client = await waiting(['PING'], ['BLPOP', 'l', '0'], ['BRPOP', 'l', '0'], ['LLEN', 'l']);
  expect(await client.until('+PONG\r\n')).toBe('+PONG\r\n');
  await pusher.ask(':1\r\n', ['RPUSH', 'l', 'a']);
  const first = `*2\r\n${bulk('l')}${bulk('a')}`;
  expect(await client.until(first)).toBe(first);
  await pusher.ask(':3\r\n', ['RPUSH', 'l', 'b', 'c', 'd']);
  const second = `*2\r\n${bulk('l')}${bulk('d')}:2\r\n`;
  expect(await client.until(second)).toBe(second);
});

test.each<[string, (client: RawClient) => void]>([
  ['is cut off', (client) => client.destroy()],
  ['closes its side', (client) => client.finish()],
])('nothing is taken for a client that %s', async (_, end) => {
  const pusher = await open();
  const client = await waiting(['BLPOP', 'l', '0']);
  end(client);
  await eventually(() => world.connections === 1);
  expect(await pusher.ask(':1\r\n', ['RPUSH', 'l', 'a'], ['LLEN', 'l'])).toBe(':1\r\n:1\r\n');
});

test('nothing is taken for a client that is killed, even in the same turn', async () => {
  const pusher = await open();
  const client = await waiting(['BLPOP', 'l', '0']);
  const kill = ['CLIENT', 'KILL', 'TYPE', 'normal'];
  const all = ':1\r\n:1\r\n:1\r\n';
  expect(await pusher.ask(all, kill, ['RPUSH', 'l', 'a'], ['LLEN', 'l'])).toBe(all);
  expect(await client.untilEnd()).toBe('');
});

test('a client that has closed its side does not begin to wait', async () => {
  const client = await open();
  await client.ask('+OK\r\n', ['SET', 'l', 'x'], ['SET', 'other', 'x']);
  await client.ask(':1\r\n', ['DEL', 'l']);
  await world.chill();
  const { keys, release } = world.holdLoads();
  client.send(['GET', 'other'], ['BLPOP', 'l', '0']);
  await eventually(() => keys.length > 0);
  client.finish();
  await eventually(() => client.socket.writableFinished);
  release();
  expect(await client.untilEnd()).toBe(`${bulk('x')}*-1\r\n`);
});

test('with sync always, pusher and popper are told when the group of both is on the disk', async () => {
  const pusher = await open({ DISKDB_PERSISTENCE_SYNC: 'always' });
  const client = await waiting(['BLPOP', 'l', '0']);
  const release = world.holdSyncs();
  pusher.send(['RPUSH', 'l', 'a']);
  await eventually(() => blocked() === 0);
  expect([pusher.received, client.received]).toEqual(['', '']);
  release();
  const reply = `*2\r\n${bulk('l')}${bulk('a')}`;
  expect([await client.until(reply), await pusher.until(':1\r\n')]).toEqual([reply, ':1\r\n']);
});

test('a server that closes does not wait for them', async () => {
  await open();
  const client = await waiting(['BLPOP', 'l', '0']);
  await world.close();
  expect(await client.untilEnd()).toBe('');
});
