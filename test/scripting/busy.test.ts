/** Scripts that run for long, by real sockets: who learns of it, who may end them, and what is left of what they wrote. */

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RespConnection } from '../support/resp-connection.js';
import { type Server, startServer, subject, temporaryDirectory } from '../support/server.js';

const KILLED =
  /^-ERR Script killed by user with (SCRIPT|FUNCTION) KILL\. script: \w+, on @user_\w+:\d+\.\r\n$/;
const LOOPS: readonly (readonly [name: string, script: string])[] = [
  ['a loop', 'while true do end'],
  ['calls', 'while true do redis.call("get","k") end'],
  ['a loop in protected calls', 'while true do pcall(function() while true do end end) end'],
  [
    'a loop in a coroutine',
    'coroutine.wrap(function() while true do coroutine.yield() end end)() while true do end',
  ],
  ['a loop that catches errors', 'while true do pcall(redis.call, "nosuch") end'],
];

describe('a script that runs for long', () => {
  let server: Server;
  let runner: RespConnection;
  let other: RespConnection;

  const ask = async (connection: RespConnection, ...words: string[]): Promise<string> =>
    (await connection.send(...words)).toString('latin1');

  /** Until others learn that the script runs. */
  const untilBusy = async (): Promise<string> => {
    for (;;) {
      const reply = await ask(other, 'GET', 'k');
      if (reply.startsWith('-BUSY')) return reply;
    }
  };

  beforeAll(async () => {
    server = await startServer(subject(), { arguments: ['--busy-reply-threshold', '50'] });
    runner = await RespConnection.open(server.port);
    other = await RespConnection.open(server.port);
  });

  afterAll(async () => {
    runner.close();
    other.close();
    await server.stop();
  });

  test.each(LOOPS)('is ended by SCRIPT KILL: %s', async (_name, script) => {
    const late = ask(runner, 'EVAL', script, '0');
    expect(await untilBusy()).toBe(
      '-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n',
    );
    expect(await ask(other, 'FUNCTION', 'KILL')).toMatch(/^-BUSY /);
    expect(await ask(other, 'FUNCTION', 'STATS')).toMatch(/^-BUSY /);
    expect(await ask(other, 'SCRIPT', 'KILL')).toBe('+OK\r\n');
    expect(await late).toMatch(KILLED);
    expect(await ask(other, 'GET', 'k')).toBe('$-1\r\n');
  });

  test('cannot be ended when it has written, and is done some time', async () => {
    await ask(other, 'DEL', 'stop', 'k');
    const script =
      'redis.call("set","w",1) local n = 0 for i=1,4e7 do n = n + 1 end return redis.call("get","w")';
    const late = ask(runner, 'EVAL', script, '0');
    await untilBusy();
    expect(await ask(other, 'SCRIPT', 'KILL')).toMatch(/^-UNKILLABLE /);
    expect(await late).toBe('$1\r\n1\r\n');
    expect(await ask(other, 'GET', 'w')).toBe('$1\r\n1\r\n');
  });

  test('as a part of a transaction', async () => {
    await ask(runner, 'MULTI');
    await ask(runner, 'SET', 'before', '1');
    await ask(runner, 'EVAL', 'while true do end', '0');
    await ask(runner, 'SET', 'after', '1');
    const late = ask(runner, 'EXEC');
    await untilBusy();
    expect(await ask(other, 'SCRIPT', 'KILL')).toBe('+OK\r\n');
    expect(await late).toMatch(/^\*3\r\n\+OK\r\n-ERR Script killed[^\r]*\r\n\+OK\r\n$/);
    expect(await ask(other, 'MGET', 'before', 'after')).toBe('*2\r\n$1\r\n1\r\n$1\r\n1\r\n');
  });

  test('a function is ended by FUNCTION KILL, and shown by FUNCTION STATS', async () => {
    const code =
      "#!lua name=long\nredis.register_function('spin', function() while true do end end)";
    await ask(other, 'FUNCTION', 'LOAD', 'REPLACE', code);
    const late = ask(runner, 'FCALL', 'spin', '0');
    await untilBusy();
    expect(await ask(other, 'FUNCTION', 'STATS')).toContain('$4\r\nspin\r\n');
    expect(await ask(other, 'SCRIPT', 'KILL')).toMatch(/^-BUSY /);
    expect(await ask(other, 'FUNCTION', 'KILL')).toBe('+OK\r\n');
    expect(await late).toMatch(KILLED);
  });

  test('who has begun a transaction before learns of it, and aborts', async () => {
    await ask(other, 'MULTI');
    const late = ask(runner, 'EVAL', 'while true do end', '0');
    const third = await RespConnection.open(server.port);
    while (!(await ask(third, 'PING')).startsWith('-BUSY'));
    expect(await ask(other, 'SET', 'x', '1')).toMatch(/^-BUSY /);
    await ask(third, 'SCRIPT', 'KILL');
    await late;
    expect(await ask(other, 'EXEC')).toMatch(/^-EXECABORT /);
    third.close();
  });
});

describe('functions', () => {
  const code =
    "#!lua name=kept\nredis.register_function('hello', function(keys, args) return 'hello ' .. args[1] end)";

  test.each(['kill', 'stop'] as const)('are there after a %s and a start', async (way) => {
    const dir = temporaryDirectory('functions');
    let server = await startServer(subject(), { dir });
    let connection = await RespConnection.open(server.port);
    await connection.send('FUNCTION', 'LOAD', code);
    await connection.send('FUNCTION', 'LOAD', code.replace('kept', 'gone').replace('hello', 'bye'));
    await connection.send('FUNCTION', 'DELETE', 'gone');
    await server[way]();
    server = await startServer(subject(), { dir });
    connection = await RespConnection.open(server.port);
    expect((await connection.send('FCALL', 'hello', '0', 'you')).toString()).toBe(
      '$9\r\nhello you\r\n',
    );
    expect((await connection.send('FCALL', 'bye', '0', 'you')).toString()).toBe(
      '-ERR Function not found\r\n',
    );
    connection.close();
    await server.stop();
  });
});

test.each(['SHUTDOWN NOSAVE', 'SIGTERM'])(
  '%s ends a script, of which nothing is kept',
  async (way) => {
    const dir = temporaryDirectory('busy-shutdown');
    const server = await startServer(subject(), {
      dir,
      arguments: ['--busy-reply-threshold', '20'],
    });
    const [runner, other] = [
      await RespConnection.open(server.port),
      await RespConnection.open(server.port),
    ];
    const script = 'redis.call("set","half",1) while true do redis.call("incr","count") end';
    await runner.send('MULTI');
    await runner.send('SET', 'before', '1');
    await runner.send('EVAL', script, '0');
    await runner.send('SET', 'after', '1');
    const late = runner.send('EXEC').catch(() => Buffer.alloc(0));
    while (!(await other.send('GET', 'half')).toString().startsWith('-BUSY'));
    for (const args of [[], ['SAVE'], ['NOW']]) {
      expect((await other.send('SHUTDOWN', ...args)).toString()).toMatch(
        /^-BUSY .* SHUTDOWN NOSAVE/,
      );
    }
    if (way === 'SIGTERM') await server.stop();
    else await expect(other.send('SHUTDOWN', 'NOSAVE')).rejects.toThrow();
    expect((await late).toString()).toMatch(/^$|^-ERR The server closes/);
    other.close();
    runner.close();
    await server.stop();
    const again = await startServer(subject(), { dir });
    const client = await RespConnection.open(again.port);
    expect((await client.send('KEYS', '*')).toString()).toBe('*0\r\n');
    client.close();
    await again.stop();
    rmSync(dir, { recursive: true, force: true });
  },
);

test('what follows a long script in EXEC reads what is cold all the same', async () => {
  const dir = temporaryDirectory('busy-exec');
  const open = async (): Promise<[Server, RespConnection]> => {
    const started = await startServer(subject(), {
      dir,
      arguments: ['--busy-reply-threshold', '10'],
    });
    return [started, await RespConnection.open(started.port)];
  };
  let [server, client] = await open();
  const fields = Array.from({ length: 5000 }, (_, i) => [`f${i}`, 'v']).flat();
  await client.send('HSET', 'cold', ...fields);
  await client.send('SAVE');
  client.close();
  await server.stop();
  [server, client] = await open();
  await client.send('MULTI');
  await client.send('EVAL', 'for i = 1, 3e7 do end return 1', '0');
  await client.send('HVALS', 'cold');
  expect((await client.send('EXEC')).toString('latin1')).toMatch(/^\*2\r\n:1\r\n\*5000\r\n/);
  client.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});
