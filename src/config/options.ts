/**
 * The table of all options. Everything else is made from it: the types of `config.values`, the YAML keys, the
 * flags, the environment variables, CONFIG GET and SET, diskdb.conf.example and docs/configuration.md.
 *
 * Keys are spelled as the server uses them; `walEnabled` of `persistence` is `persistence.wal_enabled` in a
 * file, `--wal-enabled` as a flag and DISKDB_PERSISTENCE_WAL_ENABLED in the environment (catalog.ts).
 */

import { BadValue, type Codec, permissionsCodec } from './codec.js';
import { automaticCacheSize, availableMemory, CACHE_MIN } from './memory.js';
import { limits, network, security } from './network-options.js';
import {
  boolean,
  choice,
  custom,
  duration,
  integer,
  list,
  type Option,
  size,
  text,
} from './option.js';
import { redisPermissions } from './redis-codec.js';
import { redisOptions } from './redis-options.js';
import { commandlog, latency, log, notifications, slowlog } from './reporting-options.js';
import { scripting } from './scripting-options.js';
import { tls } from './tls-options.js';
import { formatSize, parseSize } from './units.js';

const KB = 1024;
const MB = 1024 * KB;
const GB = 1024 * MB;
const TB = 1024 * GB;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const INT_MAX = 2_147_483_647;
const SIZE_MAX = Number.MAX_SAFE_INTEGER;

const CACHE_MAX = 8 * TB;
const CACHE_SIZES =
  'auto, a size such as 64MB from 16MB to 8TB, or a share of the memory up to 90%';

/** A size, a share of the machine's memory, or `auto`. */
const cacheSize: Codec<number> = {
  accepts: CACHE_SIZES,
  parse(value) {
    if (value.toLowerCase() === 'auto') return automaticCacheSize();
    const percent = /^(\d{1,3})%$/.exec(value)?.[1];
    const bytes =
      percent === undefined ? parseSize(value) : (availableMemory() * Number(percent)) / 100;
    if (bytes === undefined || bytes < CACHE_MIN || bytes > CACHE_MAX || Number(percent) > 90) {
      throw new BadValue(`must be ${CACHE_SIZES}`);
    }
    return Math.floor(bytes);
  },
  format: formatSize,
};

/** Options at the top of the file. */
const general = {
  port: integer({
    default: '6380',
    min: 0,
    max: 65_535,
    about: 'The TCP port to listen on. 0 listens on none.',
    redis: 'port',
  }),
  bind: list('addresses between blanks; a - before one: no error if the machine does not have it', {
    default: '127.0.0.1 -::1',
    about: 'The addresses to listen on. `*` is every IPv4 address, `::*` every IPv6 address.',
    redis: 'bind',
  }),
  unixSocket: text({
    default: '',
    about: 'The path of a unix socket to listen on as well. Empty: none.',
    live: false,
    redis: 'unixsocket',
  }),
  unixSocketPermissions: custom(
    {
      default: '0',
      about: 'The permissions of the unix socket, in octal. 0 leaves them to the umask.',
      live: false,
      redis: 'unixsocketperm',
    },
    permissionsCodec,
    redisPermissions,
  ),
  dir: text({
    default: './data',
    about: 'The directory that holds the log and the store. It is created if it does not exist.',
    live: false,
    redis: 'dir',
  }),
  databases: integer({
    default: '16',
    min: 1,
    max: 1_000_000,
    about: 'How many databases SELECT can choose from.',
    live: false,
    redis: 'databases',
  }),
  cacheSize: custom(
    {
      default: 'auto',
      about:
        'How much memory the keys and values held in memory may take, unsaved changes included. ' +
        'auto is a quarter of the memory, from 16MB to 1GB.',
    },
    cacheSize,
  ),
  maxTransactionSize: size({
    default: '1GB',
    min: MB,
    max: 64 * GB,
    about: 'A command, script or MULTI that changes more than this fails, and changes nothing.',
  }),
  storageEngine: choice(['disk', 'memory'], {
    default: 'disk',
    about: 'Where records are kept. `memory` keeps nothing across a restart: it is for tests.',
    live: false,
  }),
};

const persistence = {
  walEnabled: boolean({
    default: 'true',
    about:
      'Write every change to the log before it is acknowledged. Without the log a crash loses ' +
      'what changed since the last checkpoint.',
    redis: 'appendonly',
  }),
  sync: choice(
    ['always', 'interval', 'no'],
    {
      default: 'interval',
      about:
        'When the log is forced to the disk: before each reply (always), every sync_interval ' +
        '(interval), or when the system sees fit (no). A killed process loses nothing with any of ' +
        'them; a power cut loses nothing, an interval, or some seconds.',
      redis: 'appendfsync',
    },
    [
      ['interval', 'everysec'],
      ['always', 'always'],
      ['no', 'no'],
    ],
    { everysec: { 'persistence.sync_interval': '1000ms' } },
  ),
  syncInterval: duration({
    default: '1000ms',
    min: 1,
    max: HOUR,
    about: 'How often the log is forced to the disk when `sync` is interval.',
  }),
  compression: choice(['none', 'snappy', 'lz4', 'zstd'], {
    default: 'lz4',
    about:
      'How values are compressed in the store. A change applies to what is written from then on; ' +
      'older records stay readable.',
  }),
  maxLogSize: size({
    default: '100MB',
    min: MB,
    max: TB,
    about: 'The log is folded into the store when it has grown to this size.',
  }),
};

const eviction = {
  maxMemory: size({
    default: '0',
    min: 0,
    max: SIZE_MAX,
    about:
      'The size of the whole dataset, in memory or not, above which keys are deleted, or writes refused, as `policy` ' +
      'says. 0 is no limit: what does not fit in the cache stays on disk.',
    redis: 'maxmemory',
  }),
  policy: choice(
    [
      'volatile-lru',
      'volatile-lfu',
      'volatile-random',
      'volatile-ttl',
      'allkeys-lru',
      'allkeys-lfu',
      'allkeys-random',
      'noeviction',
    ],
    {
      default: 'noeviction',
      about: 'Which keys are deleted when the dataset is larger than `max_memory`.',
      redis: 'maxmemory-policy',
    },
  ),
  samples: integer({
    default: '5',
    min: 1,
    max: INT_MAX,
    about: 'How many keys are looked at to find one to delete. More is more exact and slower.',
    redis: 'maxmemory-samples',
  }),
  tenacity: integer({
    default: '10',
    min: 0,
    max: 100,
    about:
      'How long a request waits at most for keys that are deleted before it: 1 ms at 10, less below, more above, and at 100 until the dataset is ' +
      'within `max_memory`. What is left is deleted between requests.',
    redis: 'maxmemory-eviction-tenacity',
  }),
};

/** The whole table: options at the top, then sections in the order of the example file. */
export const options = {
  ...general,
  persistence,
  network,
  scripting,
  tls,
  limits,
  eviction,
  security,
  log,
  slowlog,
  commandlog,
  latency,
  notifications,
  redis: redisOptions,
};

type OptionTree = typeof options;

type ValueOf<O> = O extends Option<infer T> ? T : never;

type SectionValues<S> = {
  readonly [K in keyof S]: S[K] extends Option<infer T> ? T : SectionValues<S[K]>;
};

/** Every value by name: `values.persistence.syncInterval`. Sections keep their identity for ever. */
export type ConfigValues = SectionValues<OptionTree>;

/** The name of an option as code writes it: `port`, `persistence.syncInterval`. */
export type OptionPath = {
  [K in keyof OptionTree & string]: OptionTree[K] extends Option<infer _>
    ? K
    : `${K}.${keyof OptionTree[K] & string}`;
}[keyof OptionTree & string];

/** The type of the value at a path. */
export type ValueAt<P extends OptionPath> = P extends `${infer S}.${infer K}`
  ? S extends keyof OptionTree
    ? K extends keyof OptionTree[S]
      ? ValueOf<OptionTree[S][K]>
      : never
    : never
  : P extends keyof OptionTree
    ? ValueOf<OptionTree[P]>
    : never;
