/** Sections of INFO on the process and who uses it: server, clients, cpu. */

import { readFileSync } from 'node:fs';
import { release, type } from 'node:os';
import { REDIS_VERSION } from '../../version.js';
import type { ServerContext, WaitedKeys } from '../context.js';

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
    ['tcp_port', server.listening.port],
    ['server_time_usec', now * 1000],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / DAY_SECONDS)],
    ['hz', server.config.values.redis.hz],
    ['configured_hz', server.config.values.redis.hz],
    ['lru_clock', Math.floor(now / SECOND_MS) & LRU_CLOCK_MASK],
    ['executable', process.argv[1] ?? process.execPath],
    ['config_file', server.configFile ?? ''],
    ['io_threads_active', 0],
    ...listenerFields(server),
  ];
}

/** As Redis 7.2 shows them: a line for each kind of socket that is listened on. */
function listenerFields({ config }: ServerContext): InfoFields {
  const { port, bind, unixSocket, tls } = config.values;
  const addresses = bind.map((address) => `,bind=${address}`).join('');
  const lines = [
    ...(port === 0 ? [] : [`name=tcp${addresses},port=${port}`]),
    ...(unixSocket === '' ? [] : [`name=unix,bind=${unixSocket}`]),
    ...(tls.port === 0 ? [] : [`name=tls${addresses},port=${tls.port}`]),
  ];
  return lines.map((line, index) => [`listener${index}`, line]);
}

export function clientFields(server: ServerContext): InfoFields {
  const clients = [...server.clients()];
  const input = clients.map(({ queryBuffer }) => queryBuffer.used);
  const output = clients.map(({ outputBytes }) => outputBytes);
  const waits = clients.map(({ waitsFor }) => waitsFor).filter((wait) => wait !== undefined);
  const greatest = (sizes: readonly number[]): number =>
    sizes.reduce((most, size) => Math.max(most, size), 0);
  return [
    ['connected_clients', clients.length],
    ['cluster_connections', 0],
    ['maxclients', server.config.values.limits.maxClients],
    ['client_recent_max_input_buffer', greatest(input)],
    ['client_recent_max_output_buffer', greatest(output)],
    ['blocked_clients', clients.filter(({ isBlocked }) => isBlocked).length],
    ['tracking_clients', server.tracking.clients],
    ['pubsub_clients', clients.filter(({ subscriptions }) => subscriptions !== undefined).length],
    ['watching_clients', clients.filter(({ watchedKeys }) => watchedKeys > 0).length],
    ['clients_in_timeout_table', waits.filter(({ hasTimeout }) => hasTimeout).length],
    ['total_watched_keys', server.keyspace.watches.count],
    ['total_blocking_keys', keysOf(waits)],
    ['total_blocking_keys_on_nokey', keysOf(waits.filter((wait) => wait.evenWithoutKey))],
  ];
}

function keysOf(waits: readonly WaitedKeys[]): number {
  return new Set(waits.flatMap(({ places }) => [...places])).size;
}

export function cpuFields(): InfoFields {
  const { system, user } = process.cpuUsage();
  const seconds = (microseconds: number): string => (microseconds / 1_000_000).toFixed(6);
  return [
    ['used_cpu_sys', seconds(system)],
    ['used_cpu_user', seconds(user)],
    ['used_cpu_sys_children', seconds(0)],
    ['used_cpu_user_children', seconds(0)],
    ...mainThreadFields(),
  ];
}

/** What the kernel counts of a thread's time has hundredths of a second; proc(5) numbers the fields from 1. */
const TICKS_PER_SECOND = 100;
const USER_TIME = 14;
const SYSTEM_TIME = 15;

/** Only Linux says what each thread takes. */
function mainThreadFields(): InfoFields {
  if (process.platform !== 'linux') return [];
  const text = readFileSync('/proc/thread-self/stat', 'latin1');
  // The second field is the program's name in parentheses, and may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const seconds = (field: number): string =>
    (Number(fields[field - 3]) / TICKS_PER_SECOND).toFixed(6);
  return [
    ['used_cpu_sys_main_thread', seconds(SYSTEM_TIME)],
    ['used_cpu_user_main_thread', seconds(USER_TIME)],
  ];
}
