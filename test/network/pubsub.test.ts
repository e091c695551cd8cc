/** Pub/sub over real sockets: the order of confirmations and messages, what is undone, who does not read. */

import { afterEach, describe, expect, test } from 'vitest';
import { ReplyParser } from '../../src/protocol/reply-parser.js';
import { bulk, eventually, type RawClient, ServerWorld } from './network-world.js';

let world: ServerWorld;

afterEach(() => world.close());

async function open(environment: Readonly<Record<string, string>> = {}): Promise<RawClient> {
  world = await ServerWorld.open({ environment });
  return world.connect();
}

/** A confirmation, or a message, in RESP2. */
function array(...items: readonly (string | number)[]): string {
  const parts = items.map((item) => (typeof item === 'number' ? `:${item}\r\n` : bulk(item)));
  return `*${items.length}\r\n${parts.join('')}`;
}

function push(...items: readonly (string | number)[]): string {
  return `>${array(...items).slice(1)}`;
}

async function subscribed(...request: readonly string[]): Promise<RawClient> {
  const client = await world.connect();
  await client.ask(':1\r\n', request);
  return client;
}

const HELLO = ['HELLO', '3'];
/** Greets in RESP3; what follows the greeting is read from there. */
async function speaking3(): Promise<RawClient> {
  const client = await world.connect();
  await client.ask('*0\r\n', HELLO);
  return client;
}

test('each name is confirmed on its own, and messages follow', async () => {
  const publisher = await open();
  const client = await world.connect();
  const both = array('subscribe', 'a', 1) + array('subscribe', 'b', 2);
  expect(await client.ask(both, ['SUBSCRIBE', 'a', 'b'])).toBe(both);
  const pattern = array('psubscribe', 'a*', 3);
  expect(await client.ask(pattern, ['PSUBSCRIBE', 'a*'])).toBe(pattern);
  expect(await publisher.ask(':2\r\n', ['PUBLISH', 'a', 'x'])).toBe(':2\r\n');
  const messages = array('message', 'a', 'x') + array('pmessage', 'a*', 'a', 'x');
  expect(await client.until(messages)).toBe(messages);
  const ends = array('unsubscribe', 'a', 2) + array('unsubscribe', 'b', 1);
  expect(await client.ask(ends, ['UNSUBSCRIBE'])).toBe(ends);
});

test('in RESP2 a subscriber may ask for little, and PING has a form of its own', async () => {
  await open();
  const client = await subscribed('SSUBSCRIBE', 's');
  const refused = await client.ask('context\r\n', ['GET', 'k']);
  expect(refused).toBe(
    "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n",
  );
  const pong = array('pong', '') + array('pong', 'x');
  expect(await client.ask(pong, ['PING'], ['PING', 'x'])).toBe(pong);
  expect(await client.ask('+RESET\r\n', ['RESET'])).toBe('+RESET\r\n');
  expect(await client.ask('$-1\r\n', ['GET', 'k'])).toBe('$-1\r\n');
});

test('in RESP3 messages are out of band, and come after the reply to the request that sends them', async () => {
  await open();
  const client = await speaking3();
  const confirmed = push('subscribe', 'c', 1);
  expect(await client.ask(confirmed, ['SUBSCRIBE', 'c'])).toBe(confirmed);
  const once = `:1\r\n${push('message', 'c', 'x')}`;
  expect(await client.ask(once, ['PUBLISH', 'c', 'x'])).toBe(once);
  const run = `*2\r\n:1\r\n:1\r\n${push('message', 'c', '1')}${push('message', 'c', '2')}`;
  const requests = [['MULTI'], ['PUBLISH', 'c', '1'], ['PUBLISH', 'c', '2'], ['EXEC']];
  const queued = '+OK\r\n+QUEUED\r\n+QUEUED\r\n';
  expect(await client.ask(run, ...requests)).toBe(queued + run);
});

test('of an EXEC that ends a subscription, what was published before is received', async () => {
  await open();
  const client = await speaking3();
  await client.ask(':1\r\n', ['SUBSCRIBE', 'c']);
  const requests = [
    ['PUBLISH', 'c', '1'],
    ['UNSUBSCRIBE', 'c'],
    ['PUBLISH', 'c', '2'],
  ];
  const end = `:1\r\n${push('unsubscribe', 'c', 0)}:0\r\n${push('message', 'c', '1')}`;
  const all = await client.ask(end, ['MULTI'], ...requests, ['EXEC']);
  expect(all).toBe(`+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n${end}`);
});

test('confirmations and messages come though replies are off', async () => {
  const publisher = await open();
  const client = await speaking3();
  const confirmed = push('subscribe', 'c', 1);
  const silent = ['CLIENT', 'REPLY', 'OFF'];
  expect(await client.ask(confirmed, silent, ['SUBSCRIBE', 'c'], ['PING'])).toBe(confirmed);
  publisher.send(['PUBLISH', 'c', 'x']);
  expect(await client.until(push('message', 'c', 'x'))).toBe(push('message', 'c', 'x'));
});

test('what EXEC does not run is not sent', async () => {
  const publisher = await open();
  const client = await subscribed('SUBSCRIBE', 'c');
  const other = await world.connect();
  await publisher.ask('+QUEUED\r\n', ['WATCH', 'k'], ['MULTI'], ['PUBLISH', 'c', 'lost']);
  await other.ask('+OK\r\n', ['SET', 'k', 'v']);
  await publisher.ask('*-1\r\n', ['EXEC']);
  await publisher.ask('+OK\r\n', ['MULTI'], ['PUBLISH', 'c', 'lost'], ['DISCARD']);
  await publisher.ask(':1\r\n', ['PUBLISH', 'c', 'x']);
  expect(await client.until(bulk('x'))).toBe(array('message', 'c', 'x'));
});

test('a turn that cannot be logged sends nothing, and its subscriptions are undone', async () => {
  const publisher = await open();
  const client = await subscribed('SUBSCRIBE', 'c');
  world.failNextWrite();
  const lost = ['PUBLISH', 'c', 'lost'];
  const requests = [['SUBSCRIBE', 'd'], ['RESET'], lost, ['SET', 'k', 'v']];
  const failed = await publisher.ask('on.\r\n', ...requests);
  expect(failed).toContain('MISCONF');
  expect(failed).not.toContain('subscribe');
  await publisher.ask(':0\r\n', ['PUBSUB', 'NUMSUB', 'd']);
  await publisher.ask(':1\r\n', ['PUBLISH', 'c', 'x']);
  expect(await client.until(bulk('x'))).toBe(array('message', 'c', 'x'));
});

test('with sync always a message leaves when its group is synced, and not if that fails', async () => {
  const publisher = await open({ DISKDB_PERSISTENCE_SYNC: 'always' });
  const client = await subscribed('SUBSCRIBE', 'c');
  const release = world.holdSyncs();
  publisher.send(['SET', 'k', 'v'], ['PUBLISH', 'c', 'kept']);
  await eventually(() => world.context.statistics.commandsProcessed >= 3);
  expect(client.received).toBe('');
  release();
  await client.until(array('message', 'c', 'kept'));
  await publisher.until(':1\r\n');
  world.replaceSync(() => Promise.reject(new Error('the disk is broken')));
  await publisher.ask('on.\r\n', ['SET', 'k', 'w'], ['PUBLISH', 'c', 'lost']);
  expect(client.received).toBe('');
});

test('who has gone is no subscriber any more', async () => {
  const publisher = await open();
  const client = await subscribed('SUBSCRIBE', 'c');
  client.destroy();
  await eventually(() => world.connections === 1);
  await publisher.ask(':0\r\n', ['PUBLISH', 'c', 'x']);
  await publisher.ask('*0\r\n', ['PUBSUB', 'CHANNELS']);
});

/** Subscribes and ends it, again and again, while others publish numbers and write. */
describe.each(['interval', 'always'])('with sync %s', (sync) => {
  test('messages come between confirmations only, each publisher’s in order', async () => {
    const rounds = 200;
    await open({ DISKDB_PERSISTENCE_SYNC: sync });
    const client = await world.connect();
    const publishers = await Promise.all([1, 2, 3].map(() => world.connect()));
    for (let i = 0; i < rounds; i++) {
      client.send(['SUBSCRIBE', 'c'], ['PING', `${i}`], ['UNSUBSCRIBE', 'c']);
      for (const [who, publisher] of publishers.entries()) {
        publisher.send(['SET', `k${who}`, `${i}`], ['PUBLISH', 'c', `${who} ${i}`]);
      }
      if (i % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    client.send(['UNSUBSCRIBE'], ['PING', 'end']);
    const text = await client.until(bulk('end'));
    check(new ReplyParser().feed(text) as string[][]);
  });
});

function check(replies: readonly (readonly string[])[]): void {
  let isOn = false;
  const last = new Map<string, number>();
  for (const [word, , body = ''] of replies) {
    if (word === 'subscribe') isOn = true;
    else if (word === 'unsubscribe') isOn = false;
    else if (word === 'message') {
      const [who = '', number] = body.split(' ');
      expect(isOn).toBe(true);
      expect(Number(number)).toBeGreaterThan(last.get(who) ?? -1);
      last.set(who, Number(number));
    }
  }
}

describe('a subscriber that does not read', () => {
  const message = 'x'.repeat(100_000);

  /** Publishes until nobody receives it any more; the most that waited for the subscriber. */
  async function publishUntilGone(publisher: RawClient): Promise<number> {
    let most = 0;
    for (;;) {
      const [slow] = [...world.context.clients()].filter((client) => client.subscriptions);
      most = Math.max(most, slow?.outputBytes ?? 0);
      if ((await publisher.ask('\r\n', ['PUBLISH', 'c', message])) === ':0\r\n') return most;
    }
  }

  test('is disconnected at the hard limit, and counted', async () => {
    const publisher = await open({ DISKDB_LIMITS_OUTPUT_BUFFER: 'pubsub 1MB 0 0' });
    const client = await subscribed('SUBSCRIBE', 'c');
    client.socket.pause();
    expect(await publishUntilGone(publisher)).toBeLessThan(1.2 * 1024 * 1024);
    const info = await publisher.ask('\r\n\r\n', ['INFO', 'stats']);
    expect(info).toContain('client_output_buffer_limit_disconnections:1\r\n');
  });

  test('is disconnected when it has been above the soft limit for its time', async () => {
    const publisher = await open({ DISKDB_LIMITS_OUTPUT_BUFFER: 'pubsub 0 500000 1' });
    const client = await subscribed('SUBSCRIBE', 'c');
    client.socket.pause();
    for (let i = 0; i < 20; i++) await publisher.ask(':1\r\n', ['PUBLISH', 'c', message]);
    await eventually(() => world.connections === 1);
    await publisher.ask(':0\r\n', ['PUBLISH', 'c', 'x']);
  });
});

test('so is one whose request had to wait', async () => {
  const client = await open({ DISKDB_LIMITS_OUTPUT_BUFFER: 'normal 100KB 0 0' });
  const names = Array.from({ length: 2000 }, (_, i) => ['SET', `${i}`.padStart(100), 'v']);
  await client.ask(bulk('done'), ...names, ['ECHO', 'done']);
  client.send(['KEYS', '*']);
  await client.untilEnd();
  expect(world.context.statistics.outputLimitDisconnections).toBe(1);
});

test('a client that asks for more than its limit is disconnected', async () => {
  const client = await open({ DISKDB_LIMITS_OUTPUT_BUFFER: 'normal 1MB 0 0' });
  await client.ask('+OK\r\n', ['SET', 'k', 'x'.repeat(100_000)]);
  client.socket.pause();
  client.send(...Array.from({ length: 50 }, () => ['GET', 'k']));
  await eventually(() => world.context.statistics.outputLimitDisconnections === 1);
});
