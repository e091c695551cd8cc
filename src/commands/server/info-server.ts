/** Sections of INFO on the process: server, clients, memory, cpu. */

import { release, totalmem, type } from 'node:os';
import { humanBytes, memoryAtStart, memoryUsage } from '../../base/memory-usage.js';
import { REDIS_VERSION } from '../../version.js';
import type { ServerContext } from '../context.js';

/** Names and values, in INFO's order. */
export type InfoFields = readonly (readonly [name: string, value: string | number])[];

const SECOND_MS = 1000;
const DAY_SECONDS = 24 * 3600;
/** The bits that Redis gives its clock for LRU. */
const LRU_CLOCK_MASK = 0xff_ffff;

export function serverFields(server: ServerContext): InfoFields {
  const now = server.clock.now();
  const uptime = Math.floor((now - server.startedAt) / SECOND_MS);
  return [
    ['redis_version', REDIS_VERSION],
    ['diskdb_version', server.version],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0'],
    ['redis_mode', 'standalone'],
    ['os', `${type()} ${release()} ${process.arch}`],
    ['arch_bits', 64],
    ['monotonic_clock', 'performance.now'],
    ['multiplexing_api', `libuv-${process.versions.uv}`],
    ['node_version', process.versions.node],
    ['process_id', process.pid],
    ['process_supervised', 'no'],
    ['run_id', server.runId],
    ['tcp_port', server.tcpPort],
    ['server_time_usec', now * 1000],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / DAY_SECONDS)],
    ['hz', server.config.values.redis.hz],
    ['configured_hz', server.config.values.redis.hz],
    ['lru_clock', Math.floor(now / SECOND_MS) & LRU_CLOCK_MASK],
    ['executable', process.argv[1] ?? process.execPath],
    ['config_file', server.configFile ?? ''],
    ['io_threads_active', 0],
  ];
}

export function clientFields(server: ServerContext): InfoFields {
  const clients = [...server.clients()];
  const input = clients.map(({ queryBuffer }) => queryBuffer.used);
  const output = clients.map(({ outputBytes }) => outputBytes);
  const greatest = (sizes: readonly number[]): number =>
    sizes.reduce((most, size) => Math.max(most, size), 0);
  return [
    ['connected_clients', clients.length],
    ['cluster_connections', 0],
    ['maxclients', server.config.values.limits.maxClients],
    ['client_recent_max_input_buffer', greatest(input)],
    ['client_recent_max_output_buffer', greatest(output)],
    ['blocked_clients', clients.filter(({ isBlocked }) => isBlocked).length],
    ['pubsub_clients', clients.filter(({ subscriptions }) => subscriptions !== undefined).length],
    ['tracking_clients', 0],
    ['watching_clients', clients.filter(({ watchedKeys }) => watchedKeys > 0).length],
    ['clients_in_timeout_table', 0],
    ['total_watched_keys', server.keyspace.watches.count],
  ];
}

export function memoryFields(server: ServerContext): InfoFields {
  const { used, resident } = memoryUsage();
  const { residents } = server.keyspace;
  const { maxMemory, policy } = server.config.values.eviction;
  const peak = Math.max(server.statistics.peakMemory, used);
  const overhead = Math.max(0, used - residents.bytes);
  const dataset = used - overhead;
  return [
    ...withHuman('used_memory', used),
    ...withHuman('used_memory_rss', resident),
    ...withHuman('used_memory_peak', peak),
    ['used_memory_peak_perc', percent(used, peak)],
    ['used_memory_overhead', overhead],
    ['used_memory_startup', Math.min(memoryAtStart.used, used)],
    ['used_memory_dataset', dataset],
    ['used_memory_dataset_perc', percent(dataset, used)],
    ...withHuman('total_system_memory', totalmem()),
    ...withHuman('used_memory_lua', 0),
    ...withHuman('used_memory_scripts', 0),
    ['number_of_cached_scripts', 0],
    ['number_of_functions', 0],
    ['number_of_libraries', 0],
    ...withHuman('maxmemory', maxMemory),
    ['maxmemory_policy', policy],
    ['mem_fragmentation_ratio', (resident / used).toFixed(2)],
    ['mem_fragmentation_bytes', resident - used],
    ['mem_not_counted_for_evict', 0],
    ['mem_replication_backlog', 0],
    ['mem_total_replication_buffers', 0],
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', bytesOfClients(server)],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', 0],
    ['mem_allocator', `v8-${process.versions.v8}`],
    ['active_defrag_running', 0],
    ['lazyfree_pending_objects', 0],
    ['lazyfreed_objects', 0],
  ];
}

function bytesOfClients(server: ServerContext): number {
  let bytes = 0;
  for (const { queryBuffer, outputBytes } of server.clients()) {
    bytes += queryBuffer.used + queryBuffer.free + outputBytes;
  }
  return bytes;
}

export function cpuFields(): InfoFields {
  const { system, user } = process.cpuUsage();
  const seconds = (microseconds: number): string => (microseconds / 1_000_000).toFixed(6);
  return [
    ['used_cpu_sys', seconds(system)],
    ['used_cpu_user', seconds(user)],
    ['used_cpu_sys_children', seconds(0)],
    ['used_cpu_user_children', seconds(0)],
  ];
}

function withHuman(name: string, bytes: number): InfoFields {
  return [
    [name, bytes],
    [`${name}_human`, humanBytes(bytes)],
  ];
}

function percent(part: number, whole: number): string {
  return `${((part * 100) / whole).toFixed(2)}%`;
}
