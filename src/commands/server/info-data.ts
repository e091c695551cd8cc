/** Sections of INFO on the data and what was done with it: persistence, stats, keyspace, diskdb and others. */

import type { StorageStatistics } from '../../storage/storage.js';
import type { ServerContext, ServerStatistics } from '../context.js';
import type { InfoFields } from './info-server.js';

const SECOND_MS = 1000;
const KILOBYTE = 1024;
/** -1 for undefined, as Redis has it. */
function secondsOf(milliseconds: number | undefined): number {
  return milliseconds === undefined ? -1 : Math.floor(milliseconds / SECOND_MS);
}

const NO_ID = '0'.repeat(40);

/** Snapshots and rewrites are checkpoints here; those that the server starts by itself count as well. */
export function persistenceFields({ checkpointer, config, keyspace }: ServerContext): InfoFields {
  const { log } = keyspace.storage;
  const status = checkpointer.failure === undefined ? 'ok' : 'err';
  return [
    ['loading', 0],
    ['async_loading', 0],
    ['current_cow_peak', 0],
    ['current_cow_size', 0],
    ['current_cow_size_age', 0],
    ['current_fork_perc', '0.00'],
    ['current_save_keys_processed', 0],
    ['current_save_keys_total', 0],
    ['rdb_changes_since_last_save', checkpointer.changes],
    ['rdb_bgsave_in_progress', checkpointer.running ? 1 : 0],
    ['rdb_last_save_time', Math.floor(checkpointer.lastCheckpointAt / SECOND_MS)],
    ['rdb_last_bgsave_status', status],
    ['rdb_last_bgsave_time_sec', secondsOf(checkpointer.lastMs)],
    ['rdb_current_bgsave_time_sec', secondsOf(checkpointer.runningMs)],
    ['rdb_saves', checkpointer.completed],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', 0],
    ['rdb_last_load_keys_loaded', 0],
    ['aof_enabled', config.values.persistence.walEnabled ? 1 : 0],
    ['aof_rewrite_in_progress', 0],
    ['aof_rewrite_scheduled', 0],
    ['aof_last_rewrite_time_sec', -1],
    ['aof_current_rewrite_time_sec', -1],
    ['aof_last_bgrewrite_status', status],
    ['aof_rewrites', 0],
    ['aof_rewrites_consecutive_failures', 0],
    ['aof_last_write_status', log.failure === undefined ? 'ok' : 'err'],
    ['aof_last_cow_size', 0],
    ['module_fork_in_progress', 0],
    ['module_fork_last_cow_size', 0],
    ['aof_current_size', log.size],
    ['aof_base_size', 0],
    ['aof_pending_rewrite', 0],
    ['aof_buffer_length', 0],
    ['aof_pending_bio_fsync', 0],
    ['aof_delayed_fsync', 0],
  ];
}

export function statisticsFields(server: ServerContext): InfoFields {
  const { access, statistics, pubsub, tracking } = server;
  const { exceeded } = server.memory;
  return [
    ...trafficFields(statistics),
    ['rejected_connections', statistics.connectionsRejected],
    ['sync_full', 0],
    ['sync_partial_ok', 0],
    ['sync_partial_err', 0],
    ['expired_subkeys', statistics.expiredFields],
    ['expired_keys', statistics.expiredKeys],
    // The index by time knows each key that is due: there are no others.
    ['expired_stale_perc', '0.00'],
    ['expired_time_cap_reached_count', statistics.expiryTimeCaps],
    ['expire_cycle_cpu_milliseconds', Math.round(statistics.expiryMilliseconds)],
    ['evicted_keys', statistics.evictedKeys],
    ['evicted_clients', statistics.evictedClients],
    ['evicted_scripts', 0],
    ['total_eviction_exceeded_time', Math.floor(exceeded.total)],
    ['current_eviction_exceeded_time', Math.floor(exceeded.current)],
    ['keyspace_hits', statistics.keyspaceHits],
    ['keyspace_misses', statistics.keyspaceMisses],
    ['pubsub_channels', pubsub.count('channel')],
    ['pubsub_patterns', pubsub.count('pattern')],
    ['pubsubshard_channels', pubsub.count('shard')],
    ...absentFields,
    ['tracking_total_keys', tracking.keys],
    ['tracking_total_items', tracking.items],
    ['tracking_total_prefixes', tracking.prefixes],
    ['unexpected_error_replies', 0],
    ['total_error_replies', statistics.errorReplies],
    ['dump_payload_sanitizations', server.commands.find('restore')?.statistics.calls ?? 0],
    ['total_reads_processed', statistics.reads],
    ['total_writes_processed', statistics.writes],
    ['io_threaded_reads_processed', 0],
    ['io_threaded_writes_processed', 0],
    ['client_query_buffer_limit_disconnections', statistics.queryLimitDisconnections],
    ['client_output_buffer_limit_disconnections', statistics.outputLimitDisconnections],
    ['reply_buffer_shrinks', 0],
    ['reply_buffer_expands', 0],
    ...eventLoopFields(statistics),
    ['acl_access_denied_auth', access.denials.auth],
    ['acl_access_denied_cmd', access.denials.command],
    ['acl_access_denied_key', access.denials.key],
    ['acl_access_denied_channel', access.denials.channel],
  ];
}

function trafficFields(statistics: ServerStatistics): InfoFields {
  const { rates } = statistics;
  return [
    ['total_connections_received', statistics.connectionsReceived],
    ['total_commands_processed', statistics.commandsProcessed],
    ['instantaneous_ops_per_sec', rates.commands],
    ['total_net_input_bytes', statistics.bytesRead],
    ['total_net_output_bytes', statistics.bytesWritten],
    ['total_net_repl_input_bytes', 0],
    ['total_net_repl_output_bytes', 0],
    ['instantaneous_input_kbps', (rates.bytesRead / KILOBYTE).toFixed(2)],
    ['instantaneous_output_kbps', (rates.bytesWritten / KILOBYTE).toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
  ];
}

/** Turns of the loop are left out where Node does not count them. */
function eventLoopFields({ eventLoop, commandMicroseconds, rates }: ServerStatistics): InfoFields {
  const { cycles, microseconds } = rates.eventLoop;
  const counted: InfoFields =
    eventLoop.cycles === undefined ? [] : [['eventloop_cycles', eventLoop.cycles]];
  const sums: InfoFields = [
    ['eventloop_duration_sum', Math.round(eventLoop.microseconds)],
    ['eventloop_duration_cmd_sum', Math.round(commandMicroseconds)],
  ];
  if (cycles === undefined) return sums;
  const each = cycles === 0 ? 0 : Math.round(microseconds / cycles);
  return [
    ...counted,
    ...sums,
    ['instantaneous_eventloop_cycles_per_sec', cycles],
    ['instantaneous_eventloop_duration_usec', each],
  ];
}

/** What belongs to a process that forks, manages its memory, or is part of a cluster. */
const absentFields: InfoFields = [
  ['latest_fork_usec', 0],
  ['total_forks', 0],
  ['migrate_cached_sockets', 0],
  ['slave_expires_tracked_keys', 0],
  ['active_defrag_hits', 0],
  ['active_defrag_misses', 0],
  ['active_defrag_key_hits', 0],
  ['active_defrag_key_misses', 0],
  ['total_active_defrag_time', 0],
  ['current_active_defrag_time', 0],
];

export function replicationFields({ runId }: ServerContext): InfoFields {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', runId],
    ['master_replid2', NO_ID],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', 0],
    ['repl_backlog_first_byte_offset', 0],
    ['repl_backlog_histlen', 0],
  ];
}

/** Databases that hold keys. The mean time to live, in milliseconds, is exact where Redis takes a sample. */
export function keyspaceFields({ keyspace, clock }: ServerContext): InfoFields {
  return keyspace.databases.spaces.flatMap((space, index) => {
    if (space === undefined || space.count === 0) return [];
    const { count, mean, hashes } = space.expiries;
    const timeToLive = Math.max(0, mean - clock.now());
    const expiring = `expires=${count},avg_ttl=${timeToLive},subexpiry=${Math.max(0, hashes)}`;
    return [[`db${index}`, `keys=${space.count},${expiring}`] as const];
  });
}

/** What Redis has no name for. Bytes, unless the name says otherwise. */
export function diskdbFields(server: ServerContext, storage: StorageStatistics): InfoFields {
  const { checkpointer, keyspace } = server;
  const { residents, loader, runner } = keyspace;
  const { log } = keyspace.storage;
  return [
    ['diskdb_version', server.version],
    ['cache_size', keyspace.options.cacheBytes],
    ['resident_keys', residents.entries],
    ['resident_bytes', residents.bytes],
    ['dirty_bytes', residents.dirtyBytes],
    ['resident_evictions', residents.evictions],
    ['faults', runner.faults],
    ['escalated_faults', runner.escalations],
    ['records_loaded', loader.loads],
    ['log_size', log.size],
    ['log_segment', log.segment],
    ['log_written_lsn', log.writtenLsn],
    ['log_synced_lsn', log.syncedLsn],
    ['checkpoint_segment', keyspace.storage.checkpoint],
    ['last_checkpoint_time', Math.floor(checkpointer.lastCheckpointAt / SECOND_MS)],
    ['changes_since_checkpoint', checkpointer.changes],
    ['fold_in_progress', checkpointer.running ? 1 : 0],
    ['folds', storage.folds],
    ['last_fold_ms', Math.round(storage.lastFoldMs)],
    ['last_fold_status', storage.foldFailure ?? checkpointer.failure?.message ?? 'ok'],
    ['store_size', storage.storeBytes],
    ['garbage_prefixes', storage.garbage],
  ];
}
