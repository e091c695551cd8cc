/**
 * Options of Redis 7.2 that have no use in DiskDB. They are kept and reported because clients, tools and
 * Redis's own tests read and set them; nothing else depends on them. Those that decide what OBJECT ENCODING says
 * stand in redis-encoding-options.ts, those that wait for a feature in redis-later-options.ts.
 */

import {
  clamped,
  percentiles,
  redisInteger,
  saveSchedule,
  scoreAdjustments,
  shutdownOptions,
} from './redis-codec.js';
import { redisEncodingOptions } from './redis-encoding-options.js';
import { redisLaterOptions } from './redis-later-options.js';
import {
  compatible,
  INT,
  LONG,
  memory,
  number,
  POSITIVE,
  string,
  word,
  yesNo,
} from './redis-option.js';

const FIXED = { live: false } as const;
const PERCENT = { min: 1, max: 99 };
const THOUSANDTHS = { min: 0, max: 1000 };

/** The append-only file, whose part the write-ahead log plays. */
const appendOnlyFile = {
  appendfilename: string('appendfilename', 'appendonly.aof', "The append-only file's name.", FIXED),
  appenddirname: string('appenddirname', 'appendonlydir', "That file's directory.", FIXED),
  noAppendfsyncOnRewrite: yesNo(
    'no-appendfsync-on-rewrite',
    'no',
    'Do not sync during a rewrite. DiskDB always syncs.',
  ),
  autoAofRewritePercentage: number(
    'auto-aof-rewrite-percentage',
    INT,
    100,
    'Growth that starts a rewrite. DiskDB folds its log at `persistence.max_log_size`.',
  ),
  autoAofRewriteMinSize: memory(
    'auto-aof-rewrite-min-size',
    67_108_864,
    'The least size that is rewritten.',
  ),
  aofLoadTruncated: yesNo('aof-load-truncated', 'yes', 'Load a file with a torn end.'),
  aofUseRdbPreamble: yesNo('aof-use-rdb-preamble', 'yes', 'Begin the file with a snapshot.'),
  aofTimestampEnabled: yesNo('aof-timestamp-enabled', 'no', 'Note the time in the file.'),
  aofRewriteIncrementalFsync: yesNo(
    'aof-rewrite-incremental-fsync',
    'yes',
    'Sync a rewrite little by little.',
  ),
  aofDisableAutoGc: yesNo('aof-disable-auto-gc', 'no', 'Keep old files after a rewrite.'),
};

/** Snapshots. DiskDB's data is on disk at all times. */
const snapshots = {
  save: compatible(
    'save',
    saveSchedule,
    '',
    'When to take a snapshot: seconds and changes in turn. DiskDB saves every change in its log.',
    { joins: true },
  ),
  dbfilename: string('dbfilename', 'dump.rdb', "The snapshot's file name.", { effect: 'later' }),
  rdbcompression: yesNo('rdbcompression', 'yes', 'Compress what DUMP returns.', {
    effect: 'full',
  }),
  rdbchecksum: yesNo('rdbchecksum', 'yes', 'End snapshots with a checksum.', {
    live: false,
    effect: 'later',
  }),
  rdbDelSyncFiles: yesNo('rdb-del-sync-files', 'no', 'Delete snapshots made for replicas.'),
  rdbSaveIncrementalFsync: yesNo(
    'rdb-save-incremental-fsync',
    'yes',
    'Sync a snapshot little by little.',
  ),
  rdbKeySaveDelay: number(
    'rdb-key-save-delay',
    INT,
    0,
    'Microseconds of waiting for each key that is saved: for tests of Redis.',
  ),
  sanitizeDumpPayload: word(
    'sanitize-dump-payload',
    ['no', 'yes', 'clients'],
    'Check what RESTORE brings in full. DiskDB always does.',
  ),
  stopWritesOnBgsaveError: yesNo(
    'stop-writes-on-bgsave-error',
    'yes',
    'Refuse writes after a failed snapshot. DiskDB refuses them when its log cannot be written.',
  ),
};

/** The nodes of a list. DiskDB's lists have none: OBJECT ENCODING calls each a quicklist. */
const listNodes = {
  listMaxListpackSize: number(
    'list-max-listpack-size',
    { min: -2_147_483_648, max: 2_147_483_647 },
    -2,
    'Elements of a node of a list; below zero, its size. DiskDB has no nodes.',
    { aliases: ['list-max-ziplist-size'] },
  ),
  listCompressDepth: number(
    'list-compress-depth',
    INT,
    0,
    'Nodes at the ends of a list that are not compressed.',
  ),
};

/** Memory management of a server in C with its data in memory. */
const memoryManagement = {
  activedefrag: yesNo('activedefrag', 'no', 'Defragment memory. V8 does so by itself.'),
  activeDefragCycleMax: number('active-defrag-cycle-max', PERCENT, 25, 'Most CPU for it.'),
  activeDefragCycleMin: number('active-defrag-cycle-min', PERCENT, 1, 'Least CPU for it.'),
  activeDefragIgnoreBytes: memory('active-defrag-ignore-bytes', 104_857_600, 'Waste to ignore.'),
  activeDefragMaxScanFields: number('active-defrag-max-scan-fields', POSITIVE, 1000, 'Batch size.'),
  activeDefragThresholdLower: number(
    'active-defrag-threshold-lower',
    THOUSANDTHS,
    10,
    'The percentage of waste to start at.',
  ),
  activeDefragThresholdUpper: number(
    'active-defrag-threshold-upper',
    THOUSANDTHS,
    100,
    'The percentage of waste that deserves most CPU.',
  ),
  activerehashing: yesNo('activerehashing', 'yes', 'Rehash tables in the background.'),
  jemallocBgThread: yesNo('jemalloc-bg-thread', 'yes', 'Let the allocator clean up in a thread.'),
  lazyfreeLazyEviction: yesNo(
    'lazyfree-lazy-eviction',
    'no',
    'Free evicted values in a thread. In DiskDB deleting a key of any size is quick.',
  ),
  lazyfreeLazyExpire: yesNo('lazyfree-lazy-expire', 'no', 'The same for expired keys.'),
  lazyfreeLazyServerDel: yesNo('lazyfree-lazy-server-del', 'no', 'The same for overwritten keys.'),
  lazyfreeLazyUserDel: yesNo('lazyfree-lazy-user-del', 'no', 'The same for DEL.'),
  lazyfreeLazyUserFlush: yesNo('lazyfree-lazy-user-flush', 'no', 'The same for FLUSHALL.'),
  lfuLogFactor: number('lfu-log-factor', INT, 10, 'How slowly the counter of uses grows.', {
    effect: 'full',
  }),
  lfuDecayTime: number(
    'lfu-decay-time',
    INT,
    1,
    'Minutes after which that counter is one less; 0 never.',
    { effect: 'full' },
  ),
};

/** The process and the machine. */
const processOptions = {
  hz: compatible(
    'hz',
    clamped(redisInteger(INT), { min: 1, max: 500 }),
    '10',
    'How often a second background work runs, at most 500 times. DiskDB sets its own pace.',
  ),
  dynamicHz: yesNo('dynamic-hz', 'yes', 'More often with many clients.'),
  activeExpireEffort: number(
    'active-expire-effort',
    { min: 1, max: 10 },
    1,
    'How hard to look for expired keys. DiskDB has them in an index by time.',
  ),
  ioThreads: number('io-threads', { min: 1, max: 128 }, 1, 'Threads that serve sockets.', FIXED),
  ioThreadsDoReads: yesNo('io-threads-do-reads', 'no', 'Let them read as well.', FIXED),
  daemonize: yesNo('daemonize', 'no', 'Go to the background. DiskDB stays in front.', FIXED),
  supervised: word('supervised', ['no', 'upstart', 'systemd', 'auto'], 'Who supervises.', FIXED),
  pidfile: string('pidfile', '', 'The file for the process id.', FIXED),
  procTitleTemplate: string('proc-title-template', '{title} {listen-addr} {server-mode}', 'Title.'),
  setProcTitle: yesNo('set-proc-title', 'yes', "Set the process's title.", FIXED),
  alwaysShowLogo: yesNo('always-show-logo', 'no', 'Show the logo in log files.', FIXED),
  localeCollate: string('locale-collate', '', 'The order of text in SORT ALPHA and in scripts.'),
  syslogEnabled: yesNo('syslog-enabled', 'no', 'Log to syslog.', FIXED),
  syslogIdent: string('syslog-ident', 'redis', 'The name to log as.', FIXED),
  syslogFacility: string('syslog-facility', 'local0', 'The facility to log to.', FIXED),
  crashLogEnabled: yesNo('crash-log-enabled', 'yes', 'Log a report of a crash.'),
  crashMemcheckEnabled: yesNo('crash-memcheck-enabled', 'yes', 'Test the memory after a crash.'),
  disableThp: yesNo('disable-thp', 'yes', 'Switch off huge pages.', FIXED),
  ignoreWarnings: string('ignore-warnings', '', 'Warnings not to stop at.'),
  oomScoreAdj: word(
    'oom-score-adj',
    ['no', 'yes', 'relative', 'absolute'],
    'Tell the kernel which process to kill when memory runs out.',
  ),
  oomScoreAdjValues: compatible(
    'oom-score-adj-values',
    scoreAdjustments,
    '0 200 800',
    'The scores of a primary, a replica and a child process.',
  ),
  serverCpulist: string('server_cpulist', '', 'Processors of the main threads.', FIXED),
  bioCpulist: string('bio_cpulist', '', 'Processors of background threads.', FIXED),
  aofRewriteCpulist: string('aof_rewrite_cpulist', '', 'Processors of a rewrite.', FIXED),
  bgsaveCpulist: string('bgsave_cpulist', '', 'Processors of a snapshot.', FIXED),
  socketMarkId: number('socket-mark-id', LONG, 0, 'A mark for listening sockets.', FIXED),
  bindSourceAddr: string('bind-source-addr', '', 'The address of outgoing connections.'),
  shutdownTimeout: number('shutdown-timeout', INT, 10, 'Seconds to wait for replicas at the end.'),
  shutdownOnSigint: compatible(
    'shutdown-on-sigint',
    shutdownOptions,
    'default',
    'How SIGINT ends the server. DiskDB always closes cleanly.',
  ),
  shutdownOnSigterm: compatible(
    'shutdown-on-sigterm',
    shutdownOptions,
    'default',
    'How SIGTERM ends the server. DiskDB always closes cleanly.',
  ),
  propagationErrorBehavior: word(
    'propagation-error-behavior',
    ['ignore', 'panic', 'panic-on-replicas'],
    'What follows an error in a replicated command.',
  ),
  latencyTracking: yesNo('latency-tracking', 'yes', 'Keep times per command.', { effect: 'full' }),
  latencyTrackingInfoPercentiles: compatible(
    'latency-tracking-info-percentiles',
    percentiles,
    '50 99 99.9',
    'The percentiles of those times that INFO shows.',
    { effect: 'full' },
  ),
  enableProtectedConfigs: word(
    'enable-protected-configs',
    ['no', 'yes', 'local'],
    'Who may set dir and dbfilename. In DiskDB they are fixed at the start.',
    FIXED,
  ),
  enableModuleCommand: word(
    'enable-module-command',
    ['no', 'yes', 'local'],
    'Who may load modules. DiskDB has none.',
    FIXED,
  ),
};

/** What Redis would do with a stream, which approximate trimming follows. */
const streams = {
  streamNodeMaxBytes: memory(
    'stream-node-max-bytes',
    4096,
    'The size that a node of a stream does not exceed; 0 any.',
    { effect: 'full' },
  ),
  streamNodeMaxEntries: number(
    'stream-node-max-entries',
    LONG,
    100,
    'Most entries of a node: what is trimmed at once; 0 any number.',
    { effect: 'full' },
  ),
};

/** Section `redis` of the table. */
export const redisOptions = {
  ...snapshots,
  ...appendOnlyFile,
  ...listNodes,
  ...memoryManagement,
  ...processOptions,
  ...streams,
  ...redisEncodingOptions,
  ...redisLaterOptions,
};
