/** Users and their rights beside redis-server 7.0: the same rules by chance, the same requests allowed and refused. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { ReplyFailure, ReplyParser, type ReplyValue } from '../../src/protocol/reply-parser.js';
import { CommandHarness, type TestClient } from '../support/command-harness.js';
import { RedisOracle } from '../support/redis-oracle.js';
import { RespConnection } from '../support/resp-connection.js';
import { type Server, startServer } from '../support/server.js';

type Request = readonly string[];

const word = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

const commandName = word(
  ...['get', 'SET', 'del', 'config', 'config|get', 'client|id', 'mget', 'sort'],
  // What DiskDB has not, or refuses.
  ...['migrate', 'SYNC', 'restore-asking', 'cluster', 'cluster|info', 'module'],
);
const category = word(
  '@all',
  '@read',
  '@write',
  '@string',
  '@Admin',
  '@keyspace',
  '@fast',
  '@list',
);
const argumentRule = word('select|0', 'select|1', 'get|a', 'config|nosuch', 'get|', 'config|get|x');
const pattern = word('*', 'a*', 'b?', 'key', 'r*', '', '[ab]', 'a b', 'a\xa0', 'a\v');
const commandRule = fc
  .tuple(
    word('+', '-'),
    fc.oneof(commandName, category, argumentRule, word('nosuch', '@nosuch', '')),
  )
  .map((parts) => parts.join(''));
const keyRule = fc
  .tuple(word('~', '%R~', '%W~', '%RW~', '%wr~', '%RR~', '%~', '%'), pattern)
  .map((parts) => parts.join(''));
const keyword = word(
  ...['on', 'OFF', 'allkeys', 'resetkeys', 'allchannels', 'resetchannels', 'allcommands'],
  ...[
    'nocommands',
    'reset',
    'clearselectors',
    '&*',
    '&news',
    '~*',
    '',
    'bogus',
    '(',
    ')',
    '()',
    '&n*',
  ],
);
const passwordRule = word('>pw', '>other', '<pw', '<none', 'nopass', 'resetpass', '#x', '!x');
const plainRule = fc.oneof(commandRule, keyRule, keyword);
const selectorRule = fc
  .array(fc.oneof(commandRule, keyRule), { maxLength: 4 })
  .map((rules) => `(${rules.join(' ')})`);
const rule = fc.oneof(
  { weight: 4, arbitrary: plainRule },
  { weight: 1, arbitrary: passwordRule },
  { weight: 1, arbitrary: selectorRule },
);
const goodRule = fc.oneof(
  word('on', '>pw', 'nopass', '~a*', '%R~r*', '%W~b?', '~key', 'resetkeys', '+@all', '-@all'),
  word('+get', '+set', '+@read', '+@write', '-@string', '+mget', '-del', '+select|0', '+config'),
  word('(+get ~key)', '(+@write ~a)', '(+mget ~a ~b1)', '(%R~* +sort)', '+sort', '-config|set'),
);

const key = word('a', 'ab', 'b1', 'key', 'r1', 'x', 'a\xa0');
const dataRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.tuple(word('GET', 'DEL', 'EXISTS', 'STRLEN', 'TYPE', 'INCR', 'LLEN', 'GETDEL'), key),
  fc.tuple(word('SET', 'APPEND', 'GETSET', 'LPUSH', 'RENAME', 'COPY', 'LCS'), key, key),
  fc.tuple(fc.constant('SET'), key, fc.constant('v'), word('GET', 'EX', 'NX')),
  fc.tuple(word('MGET', 'SUNION', 'PFCOUNT', 'TOUCH'), key, key),
  fc.tuple(fc.constant('BITFIELD'), key, word('GET', 'SET'), word('u4'), word('0'), word('1')),
  fc.tuple(fc.constant('SORT'), key, word('BY', 'GET', 'STORE'), word('w*', 'nosort', 'a')),
  fc.tuple(
    fc.constant('GEORADIUS'),
    key,
    word('1'),
    word('1'),
    word('1'),
    word('m'),
    word('STORE'),
    key,
  ),
  fc
    .tuple(key, key, word('0', '$'))
    .map(([one, other, id]) => ['XREAD', 'COUNT', '1', 'STREAMS', one, other, id, id]),
  key.map((name) => ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', name, '0']),
  fc.tuple(fc.constant('SINTERCARD'), word('1', '2', '0', 'x'), key, key),
  fc.tuple(word('CONFIG'), word('GET'), word('port-x')),
  fc.tuple(word('SELECT'), word('0', '1')),
  fc.tuple(word('CLIENT'), word('GETNAME')),
  word('PING', 'DBSIZE').map((name) => [name]),
  fc.tuple(word('PUBLISH', 'SPUBLISH'), word('news', 'sport'), word('m')),
);

/** Of a connection that has subscribed the replies would not come one for one. */
const subscription: fc.Arbitrary<Request> = fc.tuple(
  word('SUBSCRIBE', 'SSUBSCRIBE', 'PSUBSCRIBE', 'UNSUBSCRIBE', 'PUNSUBSCRIBE'),
  word('news', 'n*', 'sport'),
  word('news', 'n*', 'sport'),
);

const request: fc.Arbitrary<Request> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(rule, { maxLength: 4 }).map((rules) => ['ACL', 'SETUSER', 'bob', ...rules]),
  },
  {
    weight: 5,
    arbitrary: fc
      .array(goodRule, { minLength: 1, maxLength: 6 })
      .map((rules) => ['ACL', 'SETUSER', 'bob', 'on', ...rules]),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(word('bob', 'bob', 'bob', 'nobody'), fc.oneof(dataRequest, subscription))
      .map(([user, what]) => ['ACL', 'DRYRUN', user, ...what]),
  },
  { weight: 8, arbitrary: dataRequest },
  { weight: 2, arbitrary: word('pw', 'other').map((password) => ['AUTH', 'bob', password]) },
  fc.constantFrom(
    ['AUTH', 'default', 'x'],
    ['ACL', 'GETUSER', 'bob'],
    ['ACL', 'LOG'],
    ['ACL', 'LOG', '2'],
    ['ACL', 'USERS'],
    ['ACL', 'WHOAMI'],
    ['MULTI'],
    ['EXEC'],
    ['DISCARD'],
    ['RESET'],
    ['HELLO', '3', 'AUTH', 'bob', 'pw'],
  ),
);

/** What redis-server 7.2 says in other words than 7.0, which is asked. */
const WORDS: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/NOPERM User \w+ has no/, 'NOPERM this user has no'],
  [
    /No permissions to access a (\w+)/,
    'this user has no permissions to access one of the $1s used as arguments',
  ],
  [/^User \w+ has/, 'This user has'],
];

/** Fields of ACL LOG that tell of times and clients, or that 7.0 does not have. */
const OTHER_FIELDS = new Set(['age-seconds', 'client-info', 'entry-id']);

function comparable(value: ReplyValue): unknown {
  if (typeof value === 'string') {
    return WORDS.reduce((text, [ours, theirs]) => text.replace(ours, theirs), value);
  }
  if (value instanceof ReplyFailure) return `error ${comparable(value.message)}`;
  if (value instanceof Set) return comparable([...value]);
  if (value instanceof Map) return comparable([...value].flat());
  if (!Array.isArray(value)) return value;
  if (value[0] === 'flags') return userOf(value);
  if (value[0] === 'count') return entryOf(value);
  if (value[0] === 'server') return 'greeting';
  return value.map(comparable);
}

/** 7.0 puts rules of commands together anew, and shows sanitize-payload only of users that had it set. */
function userOf(fields: readonly ReplyValue[]): unknown {
  const [, flags, , passwords, , , , keys, , channels, , selectors] = fields;
  const names = comparable(flags as ReplyValue) as readonly string[];
  const patterns = (selectors as readonly ReplyValue[]).map((selector) => {
    const [, , , itsKeys, , itsChannels] = comparable(selector) as readonly unknown[];
    return [itsKeys, itsChannels];
  });
  return [names.filter((name) => name !== 'sanitize-payload'), passwords, keys, channels, patterns];
}

function entryOf(fields: readonly ReplyValue[]): unknown {
  const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1]]] : []));
  return pairs.filter(
    ([name]) => !OTHER_FIELDS.has(String(name)) && !String(name).startsWith('timestamp-'),
  );
}

function decode(raw: string): unknown {
  const parser = new ReplyParser();
  return comparable(parser.feed(raw)[0] as ReplyValue);
}

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  let server: Server;

  beforeAll(async () => {
    server = await startServer('redis');
  });

  afterAll(async () => {
    await server?.stop();
  });

  async function run(script: readonly Request[]): Promise<void> {
    const harness = await CommandHarness.open(commandGroups);
    harness.clock.milliseconds = Date.now();
    const [admin, oracle] = await Promise.all([
      RespConnection.open(server.port),
      RespConnection.open(server.port),
    ]);
    try {
      for (const words of ['FLUSHALL', 'ACL LOG RESET', 'ACL DELUSER bob']) {
        await admin.send(...words.split(' '));
      }
      const theirs = { admin, other: oracle };
      await compareAll(script, { admin: harness.client, other: harness.connect() }, theirs);
    } finally {
      admin.close();
      oracle.close();
      await harness.close();
    }
  }

  /** One connection changes the rules, and the other meets them. */
  async function compareAll(
    script: readonly Request[],
    ours: Record<'admin' | 'other', TestClient>,
    theirs: Record<'admin' | 'other', RespConnection>,
  ): Promise<void> {
    for (const words of script) {
      const who = words[0] === 'ACL' && words[1] !== 'WHOAMI' ? 'admin' : 'other';
      const our = await ours[who].run(...words);
      const their = (await theirs[who].send(...words)).toString('latin1');
      expect([words, decode(our)]).toEqual([words, decode(their)]);
    }
  }

  test.each(['2', '3'])('GETUSER, LIST and CAT in RESP%s, byte for byte', async (version) => {
    const script: readonly Request[] = [
      ['HELLO', version],
      [
        'ACL',
        'SETUSER',
        'bob',
        'reset',
        'skip-sanitize-payload',
        '>pw',
        '%R~a',
        '~b',
        '&news',
        '+get',
      ],
      ['ACL', 'SETUSER', 'bob', '(~c &* +set)', '(+@all)'],
      ['ACL', 'GETUSER', 'bob'],
      ['ACL', 'GETUSER', 'nobody'],
      ['ACL', 'CAT', 'nosuch'],
      ['ACL', 'SETUSER', 'default', 'skip-sanitize-payload'],
      ['ACL', 'LIST'],
      ['ACL', 'SETUSER', 'default', 'sanitize-payload'],
      ['ACL', 'LIST'],
      ['ACL', 'WHOAMI'],
      ['ACL', 'DELUSER', 'bob', 'carl'],
    ];
    const harness = await CommandHarness.open(commandGroups);
    const oracle = await RespConnection.open(server.port);
    try {
      for (const request of script) {
        const ours = await harness.run(...request);
        const theirs = (await oracle.send(...request)).toString('latin1');
        if (request[0] === 'ACL') expect([request, ours]).toEqual([request, theirs]);
      }
    } finally {
      oracle.close();
      await harness.close();
    }
  });

  test('CAT lists the same commands', async () => {
    const harness = await CommandHarness.open(commandGroups);
    const oracle = await RespConnection.open(server.port);
    const ask = async (...words: readonly string[]): Promise<readonly string[]> =>
      decode((await oracle.send('ACL', 'CAT', ...words)).toString('latin1')) as readonly string[];
    const ours = new Set([...harness.commands.all()].map(({ fullName }) => fullName));
    try {
      // Each command is of one of these two.
      const theirs = new Set([...(await ask('fast')), ...(await ask('slow'))]);
      const isCommon = (name: string): boolean =>
        ours.has(name) && theirs.has(name) && !name.startsWith('wait');
      for (const category of await ask()) {
        const reply = decode(await harness.run('ACL', 'CAT', category)) as readonly string[];
        const [mine, other] = [reply, await ask(category)].map((names) =>
          names.filter(isCommon).sort(),
        );
        expect([category, mine]).toEqual([category, other]);
      }
    } finally {
      oracle.close();
      await harness.close();
    }
  });

  const bob = (...rules: readonly string[]): Request => ['ACL', 'SETUSER', 'bob', 'on', ...rules];
  const dryRun = (...words: readonly string[]): Request => ['ACL', 'DRYRUN', ...words];
  const log: Request = ['ACL', 'LOG'];

  test.each<[string, readonly Request[]]>([
    [
      'DRYRUN of what cannot be run',
      [
        bob('+get', '+config|get', '+eval', '~a*'),
        dryRun(),
        dryRun('bob'),
        dryRun('nobody', 'GET', 'a'),
        dryRun('nobody', 'NOSUCH'),
        ...[[], ['a', 'b']].map((keys) => dryRun('bob', 'GET', ...keys)),
        ...[[], ['GET'], ['NOSUCH'], ['nosuch', 'x'], ['SET', 'x', 'y']].map((words) =>
          dryRun('bob', 'CONFIG', ...words),
        ),
        dryRun('bob', 'config|get', 'x'),
        dryRun('bob', 'NOSUCH'),
        dryRun('bob', ''),
        dryRun('default', 'NOSUCH'),
        dryRun('default', 'GET'),
        dryRun('bob', 'EVAL', 'return 1', '1', 'a'),
        dryRun('bob', 'EVAL', 'return 1', '1', 'b'),
        dryRun('bob', 'EVAL', 'return 1', '2', 'a'),
        dryRun('bob', 'EVAL', 'return 1', 'x', 'b'),
        dryRun('bob', 'AUTH', 'x'),
        ['ACL', 'SETUSER', 'bob', 'off'],
        dryRun('bob', 'GET', 'a'),
        dryRun('BOB', 'GET', 'a'),
      ],
    ],
    [
      'DRYRUN of channels and subcommands',
      [
        bob('+@all', '-config|set', '~*', 'resetchannels', '&a*'),
        dryRun('bob', 'PSUBSCRIBE', 'a*'),
        dryRun('bob', 'PSUBSCRIBE', 'a'),
        dryRun('bob', 'SUBSCRIBE', 'a', 'b'),
        dryRun('bob', 'UNSUBSCRIBE', 'b'),
        dryRun('bob', 'SPUBLISH', 'b', 'x'),
        dryRun('bob', 'CONFIG', 'SET', 'a', 'b'),
        dryRun('bob', 'Config', 'Get', 'a'),
        dryRun('bob', 'MIGRATE-NOT', 'a'),
      ],
    ],
    [
      'LOG and its arguments',
      [
        log,
        ...['x', '-1', '0', '1.5', '', '99999999999999999999'].map((count) => [...log, count]),
        [...log, 'RESET', 'x'],
        [...log, '1', '2'],
        [...log, 'reset'],
      ],
    ],
    [
      'LOG of every reason, in every context',
      [
        bob('>pw', '+get', '+multi', '+exec', '+eval', '+subscribe', '+config|get', '~a*'),
        ['AUTH', 'nobody', 'x'],
        ['AUTH', 'bob', 'x'],
        ['AUTH', 'x'],
        ['HELLO', '3', 'AUTH', 'bob', 'no'],
        ['AUTH', 'bob', 'pw'],
        ['GET', 'b'],
        ['SET', 'a', 'b'],
        ['CONFIG', 'SET', 'a', 'b'],
        ['SUBSCRIBE', 'c'],
        ['MULTI'],
        ['GET', 'b'],
        ['DEL', 'a'],
        ['EXEC'],
        ['EVAL', "return redis.pcall('get', 'b').err ~= nil", '0'],
        ['EVAL', "return redis.pcall('set', 'a', 'b').err ~= nil", '0'],
        ['EVAL', "return redis.pcall('nosuch').err ~= nil", '0'],
        ['EVAL', 'return 1', '1', 'b'],
        ['GET'],
        ['NOSUCH'],
        ['CONFIG', 'NOSUCH'],
        log,
      ],
    ],
  ])('%s', (_, script) => run(script));

  test('rules by chance', { timeout: 120_000 }, async () => {
    const script = fc.array(request, { minLength: 1, maxLength: 40 });
    await fc.assert(fc.asyncProperty(script, run), { numRuns: 60 });
  });
});
