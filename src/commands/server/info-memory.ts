/** Section `memory` of INFO, and what MEMORY STATS has the same numbers for. */

import { totalmem } from 'node:os';
import { humanBytes, memoryUsage } from '../../base/memory-usage.js';
import { SERVER_BYTES } from '../../eviction/memory-limit.js';
import { bytesOfClient } from '../connection/client-info.js';
import type { ServerContext } from '../context.js';
import type { InfoFields } from './info-server.js';

/** Bytes, as they are taken now. */
export interface MemoryShares {
  /** What `maxmemory` is compared with: the dataset, in memory or not, with a share for the server and what clients make it keep. */
  readonly used: number;
  /** What V8 and its buffers hold in use. */
  readonly allocated: number;
  readonly peak: number;
  /** The server's own share. */
  readonly startup: number;
  /** All but the keys and values. */
  readonly overhead: number;
  readonly dataset: number;
  readonly clients: number;
  /** What V8 has taken from the system for its heap, and of that what is in memory. */
  readonly active: number;
  readonly allocatorResident: number;
  readonly resident: number;
}

export function memoryShares(server: ServerContext): MemoryShares {
  const { used: allocated, active, heapResident, resident } = memoryUsage();
  const { used } = server.memory;
  const dataset = server.keyspace.residents.datasetBytes;
  return {
    used,
    allocated,
    peak: Math.max(server.statistics.peakMemory, used),
    startup: SERVER_BYTES,
    overhead: used - dataset,
    dataset,
    clients: bytesOfClients(server),
    active,
    allocatorResident: heapResident,
    resident,
  };
}

export function memoryFields(server: ServerContext): InfoFields {
  const shares = memoryShares(server);
  const { used, peak, overhead, startup, dataset, resident } = shares;
  const { maxMemory, policy } = server.config.values.eviction;
  return [
    ...withHuman('used_memory', used),
    ...withHuman('used_memory_rss', resident),
    ...withHuman('used_memory_peak', peak),
    ['used_memory_peak_perc', percent(used, peak)],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', startup],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', percent(dataset, used - startup)],
    ['allocator_allocated', shares.allocated],
    ['allocator_active', shares.active],
    ['allocator_resident', shares.allocatorResident],
    ['allocator_muzzy', 0],
    ...withHuman('total_system_memory', totalmem()),
    ...scriptFields(server),
    ...withHuman('maxmemory', maxMemory),
    ['maxmemory_policy', policy],
    ...fragmentationFields(shares),
    ['mem_not_counted_for_evict', 0],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', shares.clients],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', `v8-${process.versions.v8}`],
    ['mem_overhead_db_hashtable_rehashing', 0],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ];
}

function scriptFields({ scripts }: ServerContext): InfoFields {
  const { libraries } = scripts.functions;
  const code = libraries.reduce((bytes, library) => bytes + library.code.length, 0);
  const { scripts: evaluated, functions } = scripts.memory;
  return [
    ...withHuman('used_memory_lua', evaluated),
    ['used_memory_vm_eval', evaluated],
    ['used_memory_scripts_eval', scripts.bytes],
    ['number_of_cached_scripts', scripts.count],
    ['number_of_functions', libraries.reduce((sum, library) => sum + library.functions.length, 0)],
    ['number_of_libraries', libraries.length],
    ['used_memory_vm_functions', functions],
    ...withHuman('used_memory_vm_total', evaluated + functions),
    ['used_memory_functions', code],
    ...withHuman('used_memory_scripts', scripts.bytes + code),
  ];
}

function fragmentationFields({
  allocated,
  active,
  allocatorResident,
  resident,
}: MemoryShares): InfoFields {
  return [
    ['allocator_frag_ratio', ratio(active, allocated)],
    ['allocator_frag_bytes', active - allocated],
    ['allocator_rss_ratio', ratio(allocatorResident, active)],
    ['allocator_rss_bytes', allocatorResident - active],
    ['rss_overhead_ratio', ratio(resident, allocatorResident)],
    ['rss_overhead_bytes', resident - allocatorResident],
    ['mem_fragmentation_ratio', ratio(resident, allocated)],
    ['mem_fragmentation_bytes', resident - allocated],
  ];
}

function bytesOfClients(server: ServerContext): number {
  let bytes = 0;
  for (const client of server.clients()) bytes += bytesOfClient(client);
  return bytes;
}

function withHuman(name: string, bytes: number): InfoFields {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

function ratio(part: number, whole: number): string {
  return (part / whole).toFixed(2);
}

function percent(part: number, whole: number): string {
  return `${((part * 100) / Math.max(1, whole)).toFixed(2)}%`;
}
