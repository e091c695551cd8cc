import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiskDbError } from '../../src/base/errors.js';
import type { Flag } from '../../src/config/flags.js';
import { loadConfig, type Sources } from '../../src/config/load.js';
import { temporaryFile } from './temporary.js';

/** The lines of the refusal, the file's directory cut off. */
function problemsOf(sources: Sources): string[] {
  try {
    loadConfig(sources);
  } catch (error) {
    if (error instanceof DiskDbError && error.code === 'CONFIG_INVALID') {
      return error.message.split('\n').map((line) => line.replace(/^\/.*\//, ''));
    }
    throw error;
  }
  return [];
}

function yaml(content: string): string[] {
  return problemsOf({ file: temporaryFile(content) });
}

describe('precedence', () => {
  test('defaults, then the file, the environment, the flags', () => {
    const file = temporaryFile('port: 1\ndatabases: 2\ncache_size: 64MB\n');
    const environment = { DISKDB_PORT: '3', DISKDB_DATABASES: '4', DISKDB_DIR: '' };
    const flags: Flag[] = [['port', '5']];
    const { values } = loadConfig({ file, environment, flags }).config;
    expect([values.port, values.databases, values.cacheSize]).toEqual([5, 4, 64 * 1024 * 1024]);
    expect(values.persistence.sync).toBe('interval');
    expect(values.dir).toBe(resolve('data'));
  });
});

describe('a YAML file', () => {
  test('is read with sections, units, lists and comments', () => {
    const file = temporaryFile(`# ours
bind:
  - 127.0.0.1
  - "::1"
unix_socket_permissions: 0700
persistence:
  sync: always # for money
  max_log_size: 100MB
limits:
redis:
  hash_max_listpack_entries: 5
`);
    const { values } = loadConfig({ file }).config;
    expect(values.bind).toEqual(['127.0.0.1', '::1']);
    expect(values.unixSocketPermissions).toBe(0o700);
    expect(values.persistence).toMatchObject({ sync: 'always', maxLogSize: 104_857_600 });
    expect(values.redis.hashMaxListpackEntries).toBe(5);
  });

  test.each(['', '# nothing\n', '---\n'])('may be empty: %j', (content) => {
    expect(yaml(content)).toEqual([]);
  });

  test.each([
    ['port: 99999', 'diskdb.conf:1: port: "99999": must be a whole number from 0 to 65535'],
    ['\n\nport: many', 'diskdb.conf:3: port: "many": must be a whole number from 0 to 65535'],
    ['port: [1]\n a', 'diskdb.conf:2: '],
    ['dir: [a, b]', 'diskdb.conf:1: dir must be a text'],
    ['port: [1]', 'diskdb.conf:1: port must be a whole number from 0 to 65535'],
    ['port: {a: 1}', 'diskdb.conf:1: port must be a whole number from 0 to 65535'],
    ['port: 1\nport: 2', 'diskdb.conf:2: Map keys must be unique'],
    [
      'persistence:\n  sync: maybe',
      'diskdb.conf:2: persistence.sync: "maybe": must be one of always, interval, no',
    ],
    [
      'persistence:\n  sync_interval: 1000',
      'diskdb.conf:2: persistence.sync_interval: "1000": must be a duration with its unit (ms, s, m or h), from 1ms to 1h',
    ],
    [
      'persistence:\n  max_log_size: 5XB',
      'diskdb.conf:2: persistence.max_log_size: "5XB": must be a size such as 64MB, from 1MB to 1TB',
    ],
    [
      'cache_size: 1MB',
      'diskdb.conf:1: cache_size: "1MB": must be auto, a size such as 64MB from 16MB to 8TB',
    ],
    ['cache_size: 95%', 'diskdb.conf:1: cache_size: "95%": must be auto'],
    ['cache_sise: 1MB', 'diskdb.conf:1: unknown option cache_sise, did you mean cache_size?'],
    [
      'persistance:\n  sync: no',
      'diskdb.conf:1: unknown option persistance, did you mean persistence?',
    ],
    ['sync: no', 'diskdb.conf:1: unknown option sync, did you mean persistence.sync?'],
    [
      'appendonly: yes',
      'diskdb.conf:1: unknown option appendonly, here it is persistence.wal_enabled',
    ],
    [
      'persistence: always',
      'diskdb.conf:1: persistence is a section: expected indented `name: value` lines',
    ],
    ['- port', 'diskdb.conf:1: expected options as `name: value` lines'],
    [
      'redis:\n  replicaof: host 1',
      'diskdb.conf:2: redis.replicaof: "host 1": must be left empty: this is not available in DiskDB yet',
    ],
  ])('%j is refused', (content, problem) => {
    const [first = ''] = yaml(content);
    expect(first.slice(0, problem.length)).toBe(problem);
  });

  test('names every problem at once', () => {
    expect(yaml('port: x\nfoo: 1\ndatabases: 0\n')).toHaveLength(3);
  });

  test('keeps a refused password to itself', () => {
    const message = problemsOf({
      flags: [
        ['masterauth', 'x'],
        ['replicaof', 'secret'],
      ],
    }).join();
    expect(message).toContain('replicaof');
    const { config } = loadConfig({ flags: [['requirepass', 'geheim']] });
    expect(config.values.security.password).toBe('geheim');
  });

  test('that is not there is refused', () => {
    expect(problemsOf({ file: '/nonexistent/diskdb.conf' })[0]).toContain(
      'cannot read the config file',
    );
  });
});

describe('the environment', () => {
  test('is refused with the name of the variable', () => {
    expect(problemsOf({ environment: { DISKDB_PERSISTENCE_SYNC: 'often' } })).toEqual([
      'DISKDB_PERSISTENCE_SYNC: persistence.sync: "often": must be one of always, interval, no',
    ]);
  });

  test('reports what names no option, and does without it', () => {
    const environment = { DISKDB_CACHE_SIZ: '1', DISKDB_FOO: '2', OTHER: '3' };
    expect(loadConfig({ environment }).warnings).toEqual([
      'environment: unknown to DiskDB: DISKDB_CACHE_SIZ, did you mean DISKDB_CACHE_SIZE?, DISKDB_FOO',
    ]);
  });

  test('is not confused by a Kubernetes service called diskdb', () => {
    const environment = {
      DISKDB_PORT: 'tcp://10.0.0.1:6380',
      DISKDB_SERVICE_HOST: '10.0.0.1',
      DISKDB_SERVICE_PORT: '6380',
      DISKDB_PORT_6380_TCP: 'tcp://10.0.0.1:6380',
      DISKDB_PORT_6380_TCP_PROTO: 'tcp',
    };
    const { config, warnings } = loadConfig({ environment });
    expect([config.values.port, warnings]).toEqual([6380, []]);
  });
});

describe('flags', () => {
  function valuesWith(...flags: Flag[]) {
    return loadConfig({ flags }).config.values;
  }

  test('of Redis mean what they mean there', () => {
    expect(valuesWith(['appendonly', 'no']).persistence.walEnabled).toBe(false);
    expect(
      valuesWith(['appendfsync', 'everysec'], ['sync-interval', '20ms']).persistence,
    ).toMatchObject({
      sync: 'interval',
      syncInterval: 20,
    });
    expect(valuesWith(['timeout', '5']).network.idleTimeout).toBe(5000);
    expect(valuesWith(['tcp-keepalive', '60']).network.tcpKeepalive).toBe(60_000);
    expect(valuesWith(['tcp-keepalive', '1m']).network.tcpKeepalive).toBe(60_000);
    expect(valuesWith(['loglevel', 'debug']).log.level).toBe('trace');
    expect(valuesWith(['log-level', 'debug']).log.level).toBe('debug');
    expect(valuesWith(['maxmemory', '1gb']).eviction.maxMemory).toBe(1024 ** 3);
  });

  test('given twice: the last counts, a schedule grows', () => {
    const values = valuesWith(['port', '1'], ['port', '2'], ['save', '900 1'], ['save', '60 9']);
    expect([values.port, values.redis.save]).toEqual([2, '900 1 60 9']);
  });

  test('that cannot be are refused', () => {
    expect(
      problemsOf({
        flags: [
          ['prot', '1'],
          ['replicaof', 'localhost 6379'],
        ],
      }),
    ).toEqual([
      '--prot: unknown option, did you mean port?',
      '--replicaof: replicaof: "localhost 6379": must be left empty: this is not available in DiskDB yet',
    ]);
  });
});

describe('a redis.conf', () => {
  test('is known by its syntax and mapped', () => {
    const file = temporaryFile(`# Redis configuration file example

bind 127.0.0.1 -::1
port 6379
timeout 30
save 900 1
save 300 10
appendonly yes
appendfsync everysec
persistence.sync_interval 250ms
requirepass "a \\"b\\" \\x41"
unixsocket '/run/my redis.sock'
client-output-buffer-limit normal 0 0 0
client-output-buffer-limit replica 256mb 64mb 60
loglevel notice
maxmemory 100mb
`);
    const { values, file: origin } = loadConfig({ file }).config;
    expect(origin).toEqual({ path: file, syntax: 'redis' });
    expect(values.port).toBe(6379);
    expect(values.network.idleTimeout).toBe(30_000);
    expect(values.redis.save).toBe('900 1 300 10');
    expect(values.persistence).toMatchObject({
      walEnabled: true,
      sync: 'interval',
      syncInterval: 250,
    });
    expect(values.security.password).toBe('a "b" A');
    expect(values.unixSocket).toBe('/run/my redis.sock');
    expect(values.limits.outputBuffer.replica.hardBytes).toBe(256 * 1024 * 1024);
  });

  test('reports once what is unknown, what has no effect, and that the log is off', () => {
    const file = temporaryFile(
      'foo bar\nloadmodule x.so\nfoo baz\nhz 20\nrepl-timeout 61\nappendonly no\nactivedefrag no\nrepl-backlog-size 1mb\n',
    );
    expect(loadConfig({ file }).warnings).toEqual([
      `${file}: unknown to DiskDB: foo, loadmodule`,
      'these options have no effect in DiskDB: hz',
      'these options have no effect in this version of DiskDB: repl-timeout',
      expect.stringContaining('a crash loses what changed since the last checkpoint'),
    ]);
  });

  test.each([
    [
      'port abc',
      ':1: port: "abc": argument couldn\'t be parsed into an integer (expected a whole number from 0 to 65535)',
    ],
    ['port 1\ninclude /etc/x.conf', ':2: include: not available in DiskDB: put what it names'],
    ['save "900', ':1: save: no value, or unbalanced quotes'],
    ['requirepass "\\xff"', ':1: requirepass: not UTF-8'],
    // What reading the file makes of bytes that are no UTF-8.
    ['user a ~\ufffd on', ':1: user: not UTF-8: write such bytes as "\\xHH"'],
    [
      'port 6379\nreplicaof localhost 1',
      ':2: replicaof: "localhost 1": must be left empty: this is not available',
    ],
    [
      'port 6379\ncluster-enabled yes',
      ':2: cluster-enabled: "yes": must be no: this is not available in DiskDB yet',
    ],
    ['port 6379\nmaxmemory 3zb', ':2: maxmemory: "3zb": argument must be a memory value'],
  ])('%j', (content, problem) => {
    expect(yaml(content)[0]).toContain(problem);
  });
});
