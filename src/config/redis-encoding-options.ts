/**
 * Options of Redis that say up to which size a value has a compact encoding. DiskDB's records have no such forms:
 * here they only decide what OBJECT ENCODING answers, but for the HyperLogLog, whose two forms clients can see.
 */

import { LONG, memory, number } from './redis-option.js';

function asked(...aliases: string[]) {
  return { effect: 'full', aliases } as const;
}

/** Part of section `redis` of the table. */
export const redisEncodingOptions = {
  hashMaxListpackEntries: number(
    'hash-max-listpack-entries',
    LONG,
    512,
    'Fields of a hash that OBJECT ENCODING calls a listpack.',
    asked('hash-max-ziplist-entries'),
  ),
  hashMaxListpackValue: memory(
    'hash-max-listpack-value',
    64,
    'The longest field or value of one.',
    asked('hash-max-ziplist-value'),
  ),
  setMaxIntsetEntries: number(
    'set-max-intset-entries',
    LONG,
    512,
    'Integers of a set that OBJECT ENCODING calls an intset.',
    asked(),
  ),
  setMaxListpackEntries: number(
    'set-max-listpack-entries',
    LONG,
    128,
    'Members of a set that it calls a listpack.',
    asked(),
  ),
  setMaxListpackValue: memory('set-max-listpack-value', 64, 'The longest member of one.', asked()),
  hllSparseMaxBytes: memory(
    'hll-sparse-max-bytes',
    3000,
    'Above this a sparse HyperLogLog becomes dense (12 KB).',
    asked(),
  ),
  zsetMaxListpackEntries: number(
    'zset-max-listpack-entries',
    LONG,
    128,
    'Members of a sorted set that OBJECT ENCODING calls a listpack.',
    asked('zset-max-ziplist-entries'),
  ),
  zsetMaxListpackValue: memory(
    'zset-max-listpack-value',
    64,
    'The longest member of one.',
    asked('zset-max-ziplist-value'),
  ),
};
