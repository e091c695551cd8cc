import { expect, test } from 'vitest';
import { NameCache, slotOf } from '../../src/protocol/name-cache.js';

function read(cache: NameCache, name: string): string {
  const bytes = Buffer.from(`..${name}..`, 'latin1');
  return cache.read(bytes, 2, name.length);
}

test('names of any length and any bytes come back as they are', () => {
  const cache = new NameCache();
  for (const name of ['', 'GET', 'get', 'GeT', '\x00\xff', 'x'.repeat(24), 'x'.repeat(25)]) {
    expect(read(cache, name)).toBe(name);
    expect(read(cache, name)).toBe(name);
  }
});

test('names that share a slot replace each other', () => {
  const cache = new NameCache();
  // Same length, first, middle and last byte.
  for (const name of ['axbyc', 'azbwc', 'axbyc', 'axbzc']) expect(read(cache, name)).toBe(name);
});

test('common commands do not: each has a slot of its own', () => {
  const commands =
    'GET SET SETEX DEL EXISTS INCR DECR INCRBY EXPIRE TTL MGET MSET HGET HSET HDEL HGETALL HMGET HINCRBY ' +
    'LPUSH RPUSH LPOP RPOP LRANGE LLEN SADD SREM SISMEMBER SMEMBERS ZADD ZREM ZRANGE ZSCORE ZINCRBY XADD ' +
    'XREADGROUP XACK PUBLISH PING EVALSHA MULTI EXEC SELECT SCAN';
  const cache = new NameCache();
  const collisions = (names: string[]): string[] => {
    const slots = names.map((name) => slotOf(Buffer.from(name), 0, name.length));
    return names.filter((_, i) => slots.indexOf(slots[i] as number) !== i);
  };
  const names = commands.split(' ');
  expect(collisions(names)).toEqual([]);
  expect(collisions(names.map((name) => name.toLowerCase()))).toEqual([]);
  expect(names.map((name) => read(cache, name))).toEqual(names);
});
