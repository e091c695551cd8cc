import { describe, expect, test, vi } from 'vitest';
import { type Config, ConfigCommandError } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';

function config(): Config {
  return loadConfig({}).config;
}

function errorOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigCommandError) return error.message;
    throw error;
  }
  return undefined;
}

describe('CONFIG GET', () => {
  test('answers under Redis names in Redis values, and under paths in our own', () => {
    expect(config().get('appendfsync', 'persistence.*', 'tcp-keepalive')).toEqual([
      ['appendfsync', 'everysec'],
      ['persistence.wal_enabled', 'true'],
      ['persistence.sync', 'interval'],
      ['persistence.sync_interval', '1s'],
      ['persistence.compression', 'lz4'],
      ['persistence.max_log_size', '100MB'],
      ['tcp-keepalive', '300'],
    ]);
  });

  test('names each option once, whatever its case, aliases included', () => {
    expect(config().get('maxmemory', 'MAXMEMORY', 'Max*memory')).toEqual([['maxmemory', '0']]);
    expect(config().get('PORT', 'port*')).toEqual([['PORT', '6380']]);
    expect(config().get('hash-max-*-entries')).toEqual([
      ['hash-max-listpack-entries', '512'],
      ['hash-max-ziplist-entries', '512'],
    ]);
    const names = config()
      .get('*')
      .map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(config().get('nothing')).toEqual([]);
  });

  test('prints what Redis prints', () => {
    expect(config().get('client-output-buffer-limit', 'maxmemory-policy', 'loglevel')).toEqual([
      [
        'client-output-buffer-limit',
        'normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60',
      ],
      ['maxmemory-policy', 'noeviction'],
      ['loglevel', 'notice'],
    ]);
  });

  test('what it answers can be set, unless it is fixed', () => {
    const subject = config();
    for (const [name, value] of subject.get('*')) {
      const error = errorOf(() => subject.set([[name, value]]));
      if (error !== undefined) expect(error).toContain("can't set immutable config");
      expect(subject.get(name)).toEqual([[name, value]]);
    }
  });
});

describe('CONFIG SET', () => {
  test('changes values in place', () => {
    const subject = config();
    const { persistence } = subject.values;
    subject.set([
      ['appendfsync', 'ALWAYS'],
      ['maxmemory', '1gb'],
      ['slowlog.max_length', '5'],
    ]);
    expect(persistence.sync).toBe('always');
    expect(subject.get('maxmemory')).toEqual([['maxmemory', '1073741824']]);
    expect(subject.values.slowlog.maxLength).toBe(5);
  });

  test('everysec is an interval of one second', () => {
    const subject = config();
    subject.set([
      ['persistence.sync_interval', '20ms'],
      ['persistence.sync', 'always'],
    ]);
    subject.set([['appendfsync', 'everysec']]);
    expect(subject.values.persistence).toMatchObject({ sync: 'interval', syncInterval: 1000 });
  });

  const failed = (name: string, reason: string) =>
    `ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;

  test.each([
    ['foo', '1', "ERR Unknown option or number of arguments for CONFIG SET - 'foo'"],
    ['databases', '16', failed('databases', "can't set immutable config")],
    ['maxmemory', '-1', failed('maxmemory', 'argument must be a memory value')],
    ['timeout', '12x', failed('timeout', "argument couldn't be parsed into an integer")],
    ['timeout', '-1', failed('timeout', 'argument must be between 0 and 2147483647 inclusive')],
    [
      'client-query-buffer-limit',
      '10',
      failed(
        'client-query-buffer-limit',
        'argument must be between 1048576 and 9007199254740991 inclusive',
      ),
    ],
    ['appendonly', 'maybe', failed('appendonly', "argument must be 'yes' or 'no'")],
    [
      'appendfsync',
      'zz',
      failed('appendfsync', 'argument(s) must be one of the following: everysec, always, no'),
    ],
    ['save', '3 a', failed('save', 'Invalid save parameters')],
    [
      'notify-keyspace-events',
      'b',
      failed('notify-keyspace-events', "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
    ],
    [
      'client-output-buffer-limit',
      'wrong 1 1 1',
      failed(
        'client-output-buffer-limit',
        'Invalid client class specified in buffer limit configuration.',
      ),
    ],
    [
      'client-output-buffer-limit',
      'normal 1 1',
      failed(
        'client-output-buffer-limit',
        'Wrong number of arguments in buffer limit configuration.',
      ),
    ],
    [
      'maxmemory-clients',
      '120%',
      failed('maxmemory-clients', 'percentage argument must be less or equal to 100'),
    ],
    ['oom-score-adj-values', '1 2', failed('oom-score-adj-values', 'wrong number of arguments')],
    [
      'shutdown-on-sigterm',
      'now save NOSAVE',
      failed(
        'shutdown-on-sigterm',
        "shutdown options SAVE and NOSAVE can't be used simultaneously",
      ),
    ],
    [
      'shutdown-on-sigint',
      '',
      failed(
        'shutdown-on-sigint',
        'argument(s) must be one of the following: default, save, nosave, now, force',
      ),
    ],
    ['hz', '-1', failed('hz', 'argument must be between 0 and 2147483647 inclusive')],
    [
      'persistence.sync_interval',
      '5',
      failed(
        'persistence.sync_interval',
        'argument must be a duration with its unit (ms, s, m or h), from 1ms to 1h',
      ),
    ],
  ])('%s %s fails as in Redis 7', (name, text, message) => {
    expect(errorOf(() => config().set([[name, text]]))).toBe(message);
  });

  test.each([
    ['notify-keyspace-events', 'AKEnm', 'AKEmn'],
    ['notify-keyspace-events', 'g$lshzxetd', 'A'],
    ['notify-keyspace-events', 'gKxm', 'gxKm'],
    ['notify-keyspace-events', 'K$', '$K'],
    ['notify-keyspace-events', '', ''],
    ['shutdown-on-sigterm', 'NOW nosave now', 'nosave now'],
    ['shutdown-on-sigterm', 'default', 'default'],
    ['shutdown-on-sigterm', 'default force', 'force'],
    ['hz', '0', '1'],
    ['hz', '512', '500'],
    ['hz', '100', '100'],
  ])('%s %j reads back as %j', (name, text, shown) => {
    const subject = config();
    subject.set([[name, text]]);
    expect(subject.get(name)).toEqual([[name, shown]]);
  });

  test('client-output-buffer-limit changes the classes that it names', () => {
    const subject = config();
    subject.set([['client-output-buffer-limit', 'replica 1mb 2 3']]);
    expect(subject.get('client-output-buffer-limit')[0]?.[1]).toBe(
      'normal 0 0 0 slave 1048576 2 3 pubsub 33554432 8388608 60',
    );
  });

  test('is all or nothing', () => {
    const subject = config();
    const before = subject.get('*');
    const message = errorOf(() =>
      subject.set([
        ['timeout', '5'],
        ['maxmemory', 'x'],
      ]),
    );
    expect(message).toContain("'maxmemory'");
    expect(subject.get('*')).toEqual(before);
  });

  test('refuses an option that is named twice, under whatever names', () => {
    const twice = failed('TIMEOUT', 'duplicate parameter');
    expect(
      errorOf(() =>
        config().set([
          ['timeout', '1'],
          ['TIMEOUT', '2'],
        ]),
      ),
    ).toBe(twice);
    const alias = failed('hash-max-ziplist-value', 'duplicate parameter');
    const pairs: [string, string][] = [
      ['hash-max-listpack-value', '1'],
      ['hash-max-ziplist-value', '2'],
    ];
    expect(errorOf(() => config().set(pairs))).toBe(alias);
  });

  test('the first name that is wrong decides', () => {
    expect(
      errorOf(() =>
        config().set([
          ['timeout', 'x'],
          ['foo', 'y'],
        ]),
      ),
    ).toContain("'foo'");
    expect(
      errorOf(() =>
        config().set([
          ['databases', '1'],
          ['foo', 'y'],
        ]),
      ),
    ).toContain("'databases'");
  });

  test('knows which options have no effect yet, so that whoever sets one can be told', () => {
    const names = ['tls-cluster', 'cache_size', 'repl-timeout', 'io-threads', 'nosuch'];
    expect(config().withoutEffectYet(names)).toEqual(['tls-cluster', 'repl-timeout']);
  });

  test('names are looked at first, then values', () => {
    const subject = config();
    const set = (...pairs: [string, string][]) => errorOf(() => subject.set(pairs));
    const unknown = "ERR Unknown option or number of arguments for CONFIG SET - 'nofoo'";
    expect(set(['port', 'x'], ['nofoo', '1'])).toBe(unknown);
    expect(set(['port', '3'], ['timeout', 'x'])).toContain("'timeout'");
    expect(set(['port', 'x'])).toBe(failed('port', "argument couldn't be parsed into an integer"));
    expect(subject.get('timeout', 'port')).toEqual([
      ['timeout', '0'],
      ['port', '6380'],
    ]);
  });

  test('shows what some options would be, and changes nothing', () => {
    const subject = config();
    const pairs: [string, string][] = [
      ['port', '3'],
      ['timeout', '9'],
      ['bind', '*'],
    ];
    const next = subject.preview(pairs, ['port', 'tls.port', 'bind']);
    expect([...next]).toEqual([
      ['port', 3],
      ['bind', ['*']],
    ]);
    expect(subject.values.port).toBe(6380);
  });
});

describe('subscribers', () => {
  test('hear of changes only', () => {
    const subject = config();
    const apply = vi.fn();
    subject.onChange('persistence.sync', apply);
    subject.set([['appendfsync', 'everysec']]);
    expect(apply).not.toHaveBeenCalled();
    subject.set([['persistence.sync', 'no']]);
    expect(apply.mock.calls).toEqual([['no', 'interval']]);
  });

  test('may refuse: everything goes back, for those that were told as well', () => {
    const subject = config();
    const told: number[] = [];
    subject.onChange('limits.maxClients', (value) => told.push(value));
    subject.onChange('cacheSize', () => {
      throw new Error('the heap is too small for it');
    });
    const set = () =>
      subject.set([
        ['maxclients', '5'],
        ['cache_size', '64MB'],
        ['timeout', '1'],
      ]);
    expect(errorOf(set)).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'cache_size') - the heap is too small for it",
    );
    expect(told).toEqual([5, 10_000]);
    expect(subject.values.limits.maxClients).toBe(10_000);
    expect(subject.values.network.idleTimeout).toBe(0);
  });

  test('are told when a transaction takes the change back', () => {
    const subject = config();
    const told: number[] = [];
    subject.onChange('limits.maxClients', (value) => told.push(value));
    const undo = subject.set([
      ['maxclients', '5'],
      ['timeout', '7'],
    ]);
    undo();
    expect(told).toEqual([5, 10_000]);
    expect(subject.values.network.idleTimeout).toBe(0);
  });
});
