/** Client-side caching over real sockets: who is told of what, and in which place among the replies. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bulk, eventually, type RawClient, ServerWorld } from './network-world.js';

let world: ServerWorld;
/** Changes keys. */
let other: RawClient;
/** Caches them. */
let client: RawClient;

beforeEach(async () => {
  world = await ServerWorld.open({ environment: { DISKDB_LIMITS_TRACKED_KEYS: '3' } });
  other = await world.connect();
  client = await speaking3();
});

afterEach(() => world.close());

async function speaking3(): Promise<RawClient> {
  const opened = await world.connect();
  await opened.ask('*0\r\n', ['HELLO', '3']);
  return opened;
}

function invalidate(...keys: readonly string[]): string {
  return `>2\r\n${bulk('invalidate')}*${keys.length}\r\n${keys.map(bulk).join('')}`;
}

const ALL = `>2\r\n${bulk('invalidate')}_\r\n`;

async function track(...options: readonly string[]): Promise<void> {
  await client.ask('+OK\r\n', ['CLIENT', 'TRACKING', 'ON', ...options]);
}

/** What the client was told that nobody has looked at. */
async function told(): Promise<string> {
  const end = bulk('end');
  client.send(['ECHO', 'end']);
  const text = await client.until(end);
  return text.slice(0, -end.length);
}

async function change(...commands: readonly (readonly string[])[]): Promise<string> {
  await other.ask(bulk('done'), ...commands, ['ECHO', 'done']);
  return told();
}

test('of a key that was read it is told once', async () => {
  await track();
  await client.ask('_\r\n', ['GET', 'k']);
  expect(await change(['SET', 'k', 'v'], ['SET', 'other', 'v'])).toBe(invalidate('k'));
  expect(await change(['SET', 'k', 'w'])).toBe('');
});

test('of what it changes itself it is told after the reply', async () => {
  await track();
  await client.ask('_\r\n', ['GET', 'k']);
  const own = `+OK\r\n${invalidate('k')}`;
  expect(await client.ask(own, ['SET', 'k', 'v'])).toBe(own);
  await track('NOLOOP');
  await client.ask('\r\n', ['GET', 'k']);
  expect(await client.ask('+OK\r\n', ['SET', 'k', 'v'])).toBe('+OK\r\n');
  expect(await told()).toBe('');
});

test('a transaction that reads and then changes leaves nothing to be told', async () => {
  await track();
  const queue = [['MULTI'], ['SET', 'k', '1'], ['GET', 'k'], ['GET', 'l'], ['INCR', 'l'], ['EXEC']];
  const end = `*4\r\n+OK\r\n${bulk('1')}_\r\n:1\r\n${invalidate('l')}`;
  expect((await client.ask(end, ...queue)).endsWith(end)).toBe(true);
  expect(await change(['INCR', 'l'])).toBe('');
  expect(await change(['INCR', 'k'])).toBe(invalidate('k'));
});

test('whatever makes a key change: expiry, RENAME, FLUSHALL, a store of another command', async () => {
  await track();
  await other.ask('+OK\r\n', ['SET', 'k', 'v', 'PX', '50']);
  await client.ask(bulk('v'), ['GET', 'k']);
  expect(await client.until(invalidate('k'))).toBe(invalidate('k'));
  await client.ask('*0\r\n', ['LRANGE', 'l', '0', '-1']);
  expect(await change(['RPUSH', 'x', 'a'], ['RENAME', 'x', 'l'])).toBe(invalidate('l'));
  await client.ask('\r\n', ['LRANGE', 'l', '0', '-1']);
  expect(await change(['LTRIM', 'l', '0', '0'], ['DEL', 'l'])).toBe(invalidate('l'));
  await client.ask('_\r\n', ['GET', 'm']);
  expect(await change(['FLUSHALL'])).toBe(ALL);
  expect(await change(['SET', 'm', 'v'])).toBe('');
});

test('a key that is cold is told of once, however often a request runs', async () => {
  await other.ask('+OK\r\n', ['SET', 'k', 'v']);
  await world.chill();
  await track();
  await client.ask(bulk('v'), ['GET', 'k']);
  expect(await told()).toBe('');
  await world.chill();
  expect(await change(['APPEND', 'k', 'x'])).toBe(invalidate('k'));
});

test('keys with a prefix, read or not, one message for each prefix of a request', async () => {
  await track('BCAST', 'PREFIX', 'a', 'PREFIX', 'b');
  const all = await change(['MSET', 'a1', '1', 'b1', '1', 'a2', '1', 'c', '1']);
  expect(all).toBe(invalidate('a1', 'a2') + invalidate('b1'));
});

test('OPTIN and OPTOUT are for the request that follows', async () => {
  await track('OPTIN');
  const yes = ['CLIENT', 'CACHING', 'YES'];
  await client.ask('_\r\n', ['GET', 'a'], yes, ['GET', 'b'], ['GET', 'c']);
  expect(await change(['MSET', 'a', '1', 'b', '1', 'c', '1'])).toBe(invalidate('b'));
  await client.ask('+OK\r\n', ['CLIENT', 'TRACKING', 'OFF']);
  await track('OPTOUT');
  await client.ask(bulk('1'), ['GET', 'a'], ['CLIENT', 'CACHING', 'NO'], ['GET', 'b']);
  expect(await change(['MSET', 'a', '2', 'b', '2'])).toBe(invalidate('a'));
});

test('of too many keys the oldest count as changed', async () => {
  await track();
  await client.ask('_\r\n', ['GET', 'a'], ['GET', 'b'], ['GET', 'c']);
  const fourth = `_\r\n${invalidate('a')}`;
  expect(await client.ask(fourth, ['GET', 'd'])).toBe(fourth);
  expect(await change(['CONFIG', 'SET', 'tracking-table-max-keys', '1'])).toBe(
    invalidate('b') + invalidate('c'),
  );
});

test('who has gone or does not want to hear of it is told of nothing', async () => {
  await track();
  await client.ask('_\r\n', ['GET', 'k']);
  await client.ask('+OK\r\n', ['CLIENT', 'TRACKING', 'OFF']);
  expect(await change(['SET', 'k', 'v'])).toBe('');
  await track();
  client.destroy();
  await eventually(() => world.context.tracking.clients === 0);
});

test('what a turn that cannot be logged has changed is still to be told of', async () => {
  await track();
  await client.ask('_\r\n', ['GET', 'k']);
  world.failNextWrite();
  await other.ask('on.\r\n', ['SET', 'k', 'v']);
  expect(await told()).toBe('');
  expect(await change(['SET', 'k', 'v'])).toBe(invalidate('k'));
});

test('of keys that a turn forgets which cannot be logged it is still to be told', async () => {
  await track();
  await client.ask('_\r\n', ['GET', 'a'], ['GET', 'b'], ['GET', 'c']);
  world.failNextWrite();
  await client.ask('on.\r\n', ['GET', 'd'], ['SET', 'k', 'v']);
  expect(await told()).toBe('');
  expect(await change(['SET', 'a', 'v'])).toContain(invalidate('a'));
});

test('CLIENT CACHING of a turn that cannot be logged is undone', async () => {
  await track('OPTIN');
  world.failNextWrite();
  await client.ask('on.\r\n', ['SET', 'k', 'v'], ['CLIENT', 'CACHING', 'YES']);
  await client.ask('_\r\n', ['GET', 'b']);
  expect(await change(['SET', 'b', '1'])).toBe('');
  await client.ask('_\r\n', ['CLIENT', 'CACHING', 'YES'], ['GET', 'c']);
  expect(await change(['SET', 'c', '1'])).toBe(invalidate('c'));
});

describe('another connection', () => {
  async function idOf(connection: RawClient): Promise<string> {
    return (await connection.ask('\r\n', ['CLIENT', 'ID'])).slice(1, -2);
  }

  test('that subscribes is told in its place', async () => {
    const id = await idOf(other);
    await other.ask(':1\r\n', ['SUBSCRIBE', '__redis__:invalidate']);
    const plain = await world.connect();
    await plain.ask('+OK\r\n', ['CLIENT', 'TRACKING', 'ON', 'REDIRECT', id]);
    await plain.ask('$-1\r\n', ['GET', 'k']);
    await client.ask('+OK\r\n', ['SET', 'k', 'v']);
    const channel = bulk('message') + bulk('__redis__:invalidate');
    expect(await other.until(bulk('k'))).toBe(`*3\r\n${channel}*1\r\n${bulk('k')}`);
    await client.ask('+OK\r\n', ['FLUSHDB']);
    expect(await other.until('$-1\r\n')).toBe(`*3\r\n${channel}$-1\r\n`);
  });

  test('that is gone leaves the client to be told so', async () => {
    const id = await idOf(other);
    await track('REDIRECT', id);
    await client.ask('_\r\n', ['GET', 'k']);
    await other.ask('+OK\r\n', ['QUIT']);
    other = await world.connect();
    expect(await change(['SET', 'k', 'v'])).toBe(
      `>2\r\n${bulk('tracking-redir-broken')}:${id}\r\n`,
    );
    expect(await client.ask('*0\r\n', ['CLIENT', 'TRACKINGINFO'])).toContain('broken_redirect');
  });
});
