/** MEMORY STATS and MEMORY DOCTOR: what the server's memory is taken for, in numbers and in words. */

import { humanBytes } from '../../base/memory-usage.js';
import type { Reply } from '../../protocol/reply.js';
import type { CommandContext, ServerContext } from '../context.js';
import { type MemoryShares, memoryShares } from './info-memory.js';

function keyCount({ keyspace }: ServerContext): number {
  return keyspace.databases.spaces.reduce((sum, space) => sum + (space?.count ?? 0), 0);
}

/** Bytes and counts in Redis's names, then DiskDB's own. What a server without replicas or AOF has 0 for is 0. */
export function memoryStatistics({ reply, server }: CommandContext): Reply {
  const { residents, options } = server.keyspace;
  const shares = memoryShares(server);
  const { used, peak, startup, overhead, dataset, clients } = shares;
  const keys = keyCount(server);
  const integer = (name: string, value: number) => [reply.bulk(name), reply.integer(value)];
  const share = (name: string, value: number) => [reply.bulk(name), reply.double(value)];
  return reply.map([
    ...integer('peak.allocated', peak),
    ...integer('total.allocated', used),
    ...integer('startup.allocated', startup),
    ...integer('replication.backlog', 0),
    ...integer('clients.slaves', 0),
    ...integer('clients.normal', clients),
    ...integer('cluster.links', 0),
    ...integer('aof.buffer', 0),
    ...integer('lua.caches', 0),
    ...integer('functions.caches', 0),
    ...integer('overhead.total', overhead),
    ...integer('keys.count', keys),
    ...integer('keys.bytes-per-key', keys === 0 ? 0 : Math.floor(dataset / keys)),
    ...integer('dataset.bytes', dataset),
    ...share('dataset.percentage', (dataset * 100) / Math.max(1, used - startup)),
    ...share('peak.percentage', (used * 100) / peak),
    ...allocatorStatistics(shares, integer, share),
    ...integer('diskdb.cache-size', options.cacheBytes),
    ...integer('diskdb.resident-bytes', residents.bytes),
    ...integer('diskdb.resident-keys', residents.entries),
    ...integer('diskdb.dirty-bytes', residents.dirtyBytes),
  ]);
}

type Field = (name: string, value: number) => readonly Reply[];

function allocatorStatistics(
  { allocated, active, allocatorResident, resident }: MemoryShares,
  integer: Field,
  share: Field,
): readonly Reply[] {
  return [
    ...integer('allocator.allocated', allocated),
    ...integer('allocator.active', active),
    ...integer('allocator.resident', allocatorResident),
    ...integer('allocator.muzzy', 0),
    ...share('allocator-fragmentation.ratio', active / allocated),
    ...integer('allocator-fragmentation.bytes', active - allocated),
    ...share('allocator-rss.ratio', allocatorResident / active),
    ...integer('allocator-rss.bytes', allocatorResident - active),
    ...share('rss-overhead.ratio', resident / allocatorResident),
    ...integer('rss-overhead.bytes', resident - allocatorResident),
    ...share('fragmentation', resident / allocated),
    ...integer('fragmentation.bytes', resident - allocated),
  ];
}

/** What gives reason to say more than how full the cache is. */
interface Finding {
  readonly isSo: (shares: MemoryShares, server: ServerContext) => boolean;
  readonly text: (shares: MemoryShares) => string;
}

const MB = 1024 * 1024;

const findings: readonly Finding[] = [
  {
    isSo: ({ used, peak }) => peak > used * 1.5 && peak - used > 64 * MB,
    text: ({ used, peak }) =>
      `Memory was at ${humanBytes(peak)} once and is at ${humanBytes(used)}: V8 gives it back bit by bit.`,
  },
  {
    isSo: ({ clients }, server) => clients > 64 * MB && clients > server.keyspace.residents.bytes,
    text: ({ clients }) =>
      `Clients hold ${humanBytes(clients)} in buffers, more than the data does: CLIENT LIST shows who (tot-mem), ` +
      'and client-output-buffer-limit, client-query-buffer-limit and maxmemory-clients bound it.',
  },
  {
    isSo: (_, { keyspace }) => keyspace.residents.dirtyBytes * 10 > keyspace.options.cacheBytes * 9,
    text: () =>
      'Nearly all of the cache waits for the next checkpoint: the disk does not keep up with the writes.',
  },
];

export function memoryDiagnosis(server: ServerContext): string {
  const { residents, options } = server.keyspace;
  const shares = memoryShares(server);
  const used = Math.round((residents.bytes * 100) / options.cacheBytes);
  const dirty = Math.round((residents.dirtyBytes * 100) / options.cacheBytes);
  const found = findings.filter(({ isSo }) => isSo(shares, server));
  const lines = [
    `The cache (cache_size) is ${used}% full; ${dirty}% of it waits for the next checkpoint.`,
    ...found.map(({ text }) => text(shares)),
  ];
  return `${lines.join('\n')}\n`;
}
