/** Users, their rights and what becomes of connected clients: what redis-server 7.0 cannot be asked, or has otherwise. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import type { Flag } from '../../src/config/flags.js';
import { CommandHarness } from '../support/command-harness.js';

let harness: CommandHarness;
let dir: string;

const open = async (...flags: readonly Flag[]): Promise<void> => {
  harness = await CommandHarness.open(commandGroups, [['dir', dir], ...flags]);
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'diskdb-acl-'));
});

afterEach(async () => {
  await harness?.close();
  rmSync(dir, { recursive: true });
});

const run = (text: string): Promise<string> => harness.run(...text.split(' '));

const OK = '+OK\r\n';

describe('the default user', () => {
  test('needs the password that requirepass names, and no other', async () => {
    await open(['requirepass', 'one']);
    expect(await run('PING')).toBe('-NOAUTH Authentication required.\r\n');
    expect(await run('AUTH two')).toMatch(/^-WRONGPASS/);
    expect(await run('AUTH one')).toBe(OK);
    await run('CONFIG SET requirepass two');
    const other = harness.connect();
    expect(await other.run('AUTH', 'one')).toMatch(/^-WRONGPASS/);
    expect(await other.run('AUTH', 'default', 'two')).toBe(OK);
    await run('CONFIG SET requirepass ');
    expect(await harness.connect().run('PING')).toBe('+PONG\r\n');
  });

  test('has its old password again if CONFIG SET is undone', async () => {
    await open(['requirepass', 'one']);
    await run('AUTH one');
    expect(await run('CONFIG SET requirepass two databases 1')).toMatch(/^-ERR CONFIG SET failed/);
    expect(await harness.connect().run('AUTH', 'one')).toBe(OK);
  });

  test.each([
    ['a password of a file', ['ACL', 'SETUSER', 'default', '+get']],
    ['further passwords', ['ACL', 'SETUSER', 'default', '>three', '-debug']],
    ['rights of its own', ['ACL', 'SETUSER', 'default', 'resetpass', '>four', '~a*', 'off']],
  ])('is as it was if the turn of CONFIG SET is undone: %s', async (_, request) => {
    await open(['requirepass', 'schlüssel']);
    const { access, config } = harness.server;
    await harness.run('AUTH', Buffer.from('schlüssel').toString('latin1'));
    await harness.run(...request);
    const [before, changed] = [access.lines(), access.changedUsers()];
    for (const password of ['two', '']) {
      const undo = config.set([['requirepass', password]]);
      expect(access.lines()).not.toEqual(before);
      undo();
      expect(access.lines()).toEqual(before);
      expect(access.changedUsers()).toEqual(changed);
      expect(config.get('requirepass')).toEqual([['requirepass', 'schlüssel']]);
    }
  });

  test('has a password that CONFIG SET was sent in UTF-8, and is written so', async () => {
    await open();
    const sent = Buffer.from('schlüssel à').toString('latin1');
    expect(await harness.run('CONFIG', 'SET', 'requirepass', sent)).toBe(OK);
    expect(harness.server.config.values.security.password).toBe('schlüssel à');
    const reply = `*2\r\n$11\r\nrequirepass\r\n$${sent.length}\r\n${sent}\r\n`;
    expect(await run('CONFIG GET requirepass')).toBe(reply);
    expect(await harness.connect().run('AUTH', sent)).toBe(OK);
    expect(await harness.run('CONFIG', 'SET', 'requirepass', '\xff')).toContain('must be UTF-8');
  });

  test('lets those in who came before it needed none any more', async () => {
    await open(['requirepass', 'one']);
    const early = harness.connect();
    await run('AUTH one');
    await run('ACL SETUSER default nopass');
    expect(await early.run('PING')).toBe('+PONG\r\n');
  });

  test('has a password of a file as clients send it: in UTF-8', async () => {
    await open(['requirepass', 'schlüssel']);
    const sent = Buffer.from('schlüssel').toString('latin1');
    expect(await harness.run('AUTH', sent)).toBe(OK);
  });

  test('comes back with RESET', async () => {
    await open();
    await run('ACL SETUSER bob on nopass +@all');
    await run('AUTH bob x');
    expect(await run('ACL WHOAMI')).toBe('$3\r\nbob\r\n');
    await run('RESET');
    expect(await run('ACL WHOAMI')).toBe('$7\r\ndefault\r\n');
  });
});

describe('the rules that are shown', () => {
  test.each([
    ['+memory|doctor', '-@all +memory|doctor'],
    ['+memory|doctor +memory', '-@all +memory'],
    ['+MEMORY -memory|doctor', '-@all +memory -memory|doctor'],
    ['+memory|doctor +@all', '+@all'],
    ['+@all -@Admin +config|get -@admin', '+@all +config|get -@admin'],
    ['+get -get +get', '-@all +get'],
    ['+select|0 +SELECT|1', '-@all +select|0 +select|1'],
    ['+select|0 +select', '-@all +select'],
    ['-get allcommands nocommands', '-@all'],
  ])('after %s are %s', async (rules, shown) => {
    await open();
    await run(`ACL SETUSER bob ${rules}`);
    expect(harness.server.access.describe('bob')?.selectors[0]?.commands).toBe(shown);
    await run(`ACL SETUSER carl ${shown}`);
    expect(harness.server.access.describe('carl')).toEqual(harness.server.access.describe('bob'));
  });
});

describe('clients of a user', () => {
  beforeEach(async () => {
    await open();
    await run('ACL SETUSER bob on >pw ~* +@all');
  });

  test('meet a change of its rules at once', async () => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    expect(await bob.run('GET', 'k')).toBe('$-1\r\n');
    await run('ACL SETUSER bob -get');
    expect(await bob.run('GET', 'k')).toBe(
      "-NOPERM User bob has no permissions to run the 'get' command\r\n",
    );
  });

  test('are disconnected when it is deleted, and may do nothing until then', async () => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    expect(await run('ACL DELUSER bob nobody')).toBe(':1\r\n');
    expect(bob.ended).toBe('killed');
    expect(await bob.run('GET', 'k')).toMatch(/^-NOPERM/);
    expect(await run('ACL DELUSER default')).toBe("-ERR The 'default' user cannot be removed\r\n");
  });

  test('get the reply if they delete it themselves', async () => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    expect(await bob.run('ACL', 'DELUSER', 'bob')).toBe(':1\r\n');
    expect(bob.ended).toBe('after reply');
  });

  test('are shown and killed by its name', async () => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    expect(await run('CLIENT LIST')).toContain(' user=bob ');
    expect(await run('CLIENT KILL USER nobody')).toBe("-ERR No such user 'nobody'\r\n");
    expect(await run('CLIENT KILL USER bob')).toBe(':1\r\n');
    expect(bob.ended).toBe('killed');
  });

  test.each([
    ['BLPOP k 0', 'RPUSH k a'],
    ['XREAD BLOCK 0 STREAMS k $', 'XADD k * f v'],
    ['BZPOPMIN k 0', 'ZADD k 1 a'],
  ])('get nothing that they waited for by %s once they may not', async (request, change) => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    const waiting = bob.run(...request.split(' '));
    await run('ACL SETUSER bob -@blocking');
    await run(change);
    expect(await waiting).toMatch(/^-NOPERM User bob has no permissions to run the '\w+' command/);
    expect(await run('EXISTS k')).toBe(':1\r\n');
    expect(harness.server.access.log.latest(1)).toMatchObject([{ reason: 'command', count: 1 }]);
  });
});

describe('subscribers', () => {
  test('are disconnected when a channel is taken from their user, and not before', async () => {
    await open();
    await run('ACL SETUSER bob on nopass +@all resetchannels &a &b* &c');
    const [one, other] = [harness.connect(), harness.connect()];
    for (const client of [one, other]) await client.run('AUTH', 'bob', 'x');
    await one.run('SUBSCRIBE', 'a', 'b1');
    await other.run('PSUBSCRIBE', 'b*');
    expect(await harness.connect().run('AUTH', 'bob', 'x')).toBe(OK);
    await run('ACL SETUSER bob +get');
    await run('ACL SETUSER bob resetchannels &a &b*');
    expect([one.ended, other.ended]).toEqual([undefined, undefined]);
    await run('ACL SETUSER bob resetchannels &b*');
    expect([one.ended, other.ended]).toEqual(['killed', undefined]);
    await run('ACL SETUSER bob resetchannels &b?');
    expect(other.ended).toBe('killed');
  });
});

describe('a change that is undone', () => {
  test('leaves users as they were', async () => {
    await open();
    await run('ACL SETUSER bob on >pw +get');
    const before = await run('ACL LIST');
    await run('MULTI');
    await run('ACL SETUSER bob +nosuch');
    await run('ACL SETUSER carl on');
    await run('ACL DELUSER carl');
    await run('EXEC');
    expect(await run('ACL LIST')).toBe(before);
  });
});

describe('ACL LOG', () => {
  beforeEach(async () => {
    await open();
    await run('ACL SETUSER bob on nopass ~a +get +multi +exec');
  });

  test('counts what is alike within a minute as one entry, with its first and last time', async () => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    const start = harness.clock.milliseconds;
    await bob.run('GET', 'x');
    harness.clock.milliseconds += 50_000;
    await bob.run('GET', 'x');
    const [entry] = harness.server.access.log.latest(9);
    expect(entry).toMatchObject({ id: 0, count: 2, createdAt: start, updatedAt: start + 50_000 });
    harness.clock.milliseconds += 61_000;
    await bob.run('GET', 'x');
    expect(harness.server.access.log.latest(9).map(({ id, count }) => [id, count])).toEqual([
      [1, 1],
      [0, 2],
    ]);
  });

  test('keeps acllog-max-len entries', async () => {
    await run('CONFIG SET acllog-max-len 3');
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    for (let i = 0; i < 9; i++) await bob.run('GET', `k${i}`);
    expect(harness.server.access.log.latest(9).map(({ object }) => object)).toEqual([
      'k8',
      'k7',
      'k6',
    ]);
  });

  test('keeps no more than the beginning of a long name', async () => {
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    await bob.run('GET', 'x'.repeat(1_000_000));
    await bob.run('AUTH', 'y'.repeat(100_000), 'pw');
    const [auth, key] = harness.server.access.log.latest(2);
    expect([auth?.username.length, key?.object.length]).toEqual([4096, 4096]);
    expect(key?.object).toMatch(/^x+\.\.\.$/);
  });

  test('tells logins, transactions and requests apart, and counts them', async () => {
    await harness.connect().run('AUTH', 'bob2', 'wrong');
    await harness.connect().run('HELLO', '3', 'AUTH', 'bob2', 'wrong');
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    await bob.run('SET', 'a', '1');
    await bob.run('MULTI');
    expect(await bob.run('GET', 'x')).toBe('-NOPERM No permissions to access a key\r\n');
    expect(await bob.run('EXEC')).toMatch(/^-EXECABORT/);
    const entries = harness.server.access.log.latest(9);
    expect(entries.map(({ reason, context, object }) => [reason, context, object])).toEqual([
      ['key', 'multi', 'x'],
      ['command', 'toplevel', 'set'],
      ['auth', 'toplevel', 'HELLO'],
      ['auth', 'toplevel', 'AUTH'],
    ]);
    expect(harness.server.access.denials).toEqual({ auth: 2, command: 1, key: 1, channel: 0 });
  });

  test('tells what a script was denied, which goes through the same gate', async () => {
    await run('ACL SETUSER bob +eval');
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    const script = "return {redis.acl_check_cmd('get', 'a'), redis.call('get', KEYS[1])}";
    expect(await bob.run('EVAL', "return redis.call('set', 'a', '1')", '0')).toMatch(
      /^-NOPERM ACL failure in script: User bob has no permissions to run the 'set' command/,
    );
    expect(await bob.run('EVAL', script, '1', 'a')).toBe('*2\r\n:1\r\n$-1\r\n');
    expect(await bob.run('EVAL', script, '1', 'x')).toMatch(
      /^-NOPERM No permissions to access a key/,
    );
    const entries = harness.server.access.log.latest(9);
    expect(entries.map(({ context, object }) => [context, object])).toEqual([
      ['toplevel', 'x'],
      ['lua', 'set'],
    ]);
  });

  test('notes once what EXEC is not allowed any more, though it has to load and runs again', async () => {
    await run('SET a 1');
    const bob = harness.connect();
    await bob.run('AUTH', 'bob', 'pw');
    await bob.run('MULTI');
    await bob.run('GET', 'a');
    await bob.run('PING');
    await run('ACL SETUSER bob +ping');
    await bob.run('PING');
    await harness.evict();
    await run('ACL SETUSER bob -ping');
    expect(await bob.run('EXEC')).toMatch(/^-EXECABORT/);
    await bob.run('MULTI');
    await run('ACL SETUSER bob +ping');
    await bob.run('PING');
    await bob.run('GET', 'a');
    await run('ACL SETUSER bob -ping');
    await harness.evict();
    await run('ACL LOG RESET');
    const reply = await bob.run('EXEC');
    expect(reply).toMatch(/^\*2\r\n-NOPERM ACLs rules changed .*subcommand\r\n\$1\r\n1\r\n$/);
    expect(harness.server.access.log.latest(9)).toMatchObject([{ count: 1, context: 'multi' }]);
  });
});

describe('the file of users', () => {
  const path = (): string => join(dir, 'users.acl');

  test('is read at the start and by ACL LOAD, and written by ACL SAVE', async () => {
    writeFileSync(
      path(),
      'user alice on >secret ~a* +get (%R~b +mget)\n\nuser default on nopass +@all\n',
    );
    await open(['aclfile', 'users.acl']);
    expect(await run('AUTH alice secret')).toBe(OK);
    await run('AUTH default x');
    await run(`ACL SETUSER carl on #${'0'.repeat(64)}`);
    expect(await run('ACL SAVE')).toBe(OK);
    const saved = readFileSync(path(), 'latin1');
    expect(saved.split('\n').map((line) => line.split(' ', 2)[1])).toEqual([
      'alice',
      'carl',
      'default',
      undefined,
    ]);
    expect(readdirSync(dir)).toEqual(['users.acl']);
    await run('ACL DELUSER carl');
    expect(await run('ACL LOAD')).toBe(OK);
    await run('ACL SAVE');
    expect(readFileSync(path(), 'latin1')).toBe(saved);
  });

  test('leaves clients of users that it still has connected, and drops the others', async () => {
    writeFileSync(path(), 'user alice on nopass +@all\nuser bob on nopass +@all\n');
    await open(['aclfile', 'users.acl']);
    const [alice, bob] = [harness.connect(), harness.connect()];
    await alice.run('AUTH', 'alice', 'x');
    await bob.run('AUTH', 'bob', 'x');
    writeFileSync(path(), 'user alice on nopass +@all -ping\n');
    expect(await run('ACL LOAD')).toBe(OK);
    expect([alice.ended, bob.ended]).toEqual([undefined, 'killed']);
    expect(await alice.run('PING')).toMatch(/^-NOPERM/);
    expect(await run('ACL USERS')).toBe('*2\r\n$5\r\nalice\r\n$7\r\ndefault\r\n');
  });

  test('changes nothing if anything in it is wrong, and tells file and line', async () => {
    writeFileSync(path(), '');
    await open(['aclfile', 'users.acl']);
    await run('ACL SETUSER bob on');
    const text = ['user a +nosuch +no2', 'usr b', 'user a on', '', 'user c #1 %', 'user d (+get'];
    writeFileSync(path(), text.join('\n'));
    const reply = await run('ACL LOAD');
    for (const part of [
      "users.acl:1: Error in applying operation '+nosuch'",
      "users.acl:1: Error in applying operation '+no2'",
      'users.acl:2 should start with user keyword',
      "Duplicate user 'a' found on line 3",
      'users.acl:5: The password hash must be',
      'users.acl:6: Unmatched parenthesis',
    ]) {
      expect(reply).toContain(part);
    }
    expect(await run('ACL USERS')).toContain('bob');
  });

  test('that is wrong or missing keeps the server from starting', async () => {
    await expect(open(['aclfile', 'users.acl'])).rejects.toThrow('No such file or directory');
    writeFileSync(path(), 'user a +nosuch');
    await expect(open(['aclfile', 'users.acl'])).rejects.toThrow('users.acl:1');
    await open();
  });

  test('that cannot be written is left as it is', async () => {
    writeFileSync(path(), '');
    await open(['aclfile', 'users.acl']);
    rmSync(dir, { recursive: true });
    expect(await run('ACL SAVE')).toMatch(/^-ERR There was an error trying to save the ACLs/);
    expect(existsSync(dir)).toBe(false);
    dir = mkdtempSync(join(tmpdir(), 'diskdb-acl-'));
  });
});

describe('secrets', () => {
  test('are not in SLOWLOG', async () => {
    await open(['slowlog-threshold-us', '0']);
    for (const request of [
      'ACL SETUSER bob on >s3cret',
      'AUTH bob s3cret',
      'AUTH default s3cret',
      'CONFIG SET requirepass s3cret slowlog-max-len 100',
      'HELLO 2 AUTH bob s3cret',
    ]) {
      await run(request);
    }
    const noted = harness.server.requestLogs.slow.newest(100).map(({ argv }) => argv);
    expect(noted.length).toBeGreaterThan(3);
    expect(JSON.stringify(noted)).not.toContain('s3cret');
    expect(noted).toContainEqual([
      ...['CONFIG', 'SET', 'requirepass', '(redacted)', 'slowlog-max-len', '100'],
    ]);
  });
});
