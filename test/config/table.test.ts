import { describe, expect, test } from 'vitest';
import {
  entries,
  entryByEnvironment,
  entryByFlag,
  entryByPath,
  entryByRedisName,
} from '../../src/config/catalog.js';
import { loadConfig } from '../../src/config/load.js';
import { REDIS_NAMES } from './redis-names.js';

describe('the table of options', () => {
  test('gives each option a path, a flag and a variable of its own', () => {
    for (const index of [entryByPath, entryByFlag, entryByEnvironment]) {
      expect(index.size).toBe(entries.length);
    }
  });

  test('names each option of Redis once', () => {
    const names = entries.flatMap((entry) => entry.option.redis?.names ?? []);
    expect(new Set(names).size).toBe(names.length);
  });

  test('has every option of Redis 7', () => {
    expect(REDIS_NAMES.filter((name) => !entryByRedisName.has(name))).toEqual([]);
  });

  test.each(entries.map((entry) => [entry.path, entry] as const))(
    '%s',
    (path, { option, flag }) => {
      expect(path).toMatch(/^[a-z]+[a-z0-9_]*(\.[a-z0-9_]+)?$/);
      expect(flag).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(option.about).toMatch(/^[A-Z`*].*\.$/);
      const value = option.parse(option.default);
      expect(option.parse(option.format(value))).toEqual(value);
      const redis = option.redis?.codec;
      if (redis !== undefined) expect(redis.parse(redis.format(value))).toEqual(value);
    },
  );

  test.each([
    ['persistence.wal_enabled', 'wal-enabled', 'DISKDB_PERSISTENCE_WAL_ENABLED'],
    ['persistence.max_log_size', 'max-log-size', 'DISKDB_PERSISTENCE_MAX_LOG_SIZE'],
    ['cache_size', 'cache-size', 'DISKDB_CACHE_SIZE'],
    ['log.level', 'log-level', 'DISKDB_LOG_LEVEL'],
    ['redis.hz', 'hz', 'DISKDB_REDIS_HZ'],
  ])('%s is --%s and %s', (path, flag, environment) => {
    const entry = entryByPath.get(path);
    expect(entry).toMatchObject({ flag, environment });
  });

  test('types the values by name', () => {
    const { values } = loadConfig({}).config;
    const sync: 'always' | 'interval' | 'no' = values.persistence.sync;
    const interval: number = values.persistence.syncInterval;
    const addresses: readonly string[] = values.bind;
    expect([sync, interval, addresses]).toEqual(['interval', 1000, ['127.0.0.1', '-::1']]);
  });
});
