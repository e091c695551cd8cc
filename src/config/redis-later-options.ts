/**
 * Options of Redis 7.2 for features that DiskDB does not have yet. What would be dangerous to believe in
 * (replication, cluster) is refused; the rest is kept, and has no effect so far.
 */

import { type Option, unavailable } from './option.js';
import { INT, LONG, memory, number, POSITIVE, string, word, yesNo } from './redis-option.js';

const LATER = { effect: 'later' } as const;
const PORT = { min: 0, max: 65_535 };

function alias(...aliases: string[]) {
  return { effect: 'later', aliases } as const;
}

function missing(
  redis: string | readonly string[],
  initial: string,
  about: string,
): Option<string> {
  return unavailable({ default: initial, about, live: false, redis });
}

const replication = {
  replicaof: missing(['replicaof', 'slaveof'], '', 'The primary to follow: its host and port.'),
  masteruser: string('masteruser', '', 'The user to follow it as.', LATER),
  masterauth: string('masterauth', '', "That user's password.", LATER),
  replicaServeStaleData: yesNo(
    'replica-serve-stale-data',
    'yes',
    'Answer while the primary is out of reach.',
    alias('slave-serve-stale-data'),
  ),
  replicaReadOnly: yesNo(
    'replica-read-only',
    'yes',
    'Refuse writes on a replica.',
    alias('slave-read-only'),
  ),
  replicaLazyFlush: yesNo(
    'replica-lazy-flush',
    'no',
    'Empty a replica in the background.',
    alias('slave-lazy-flush'),
  ),
  replicaPriority: number(
    'replica-priority',
    INT,
    100,
    'Which replica to promote first; 0 never.',
    alias('slave-priority'),
  ),
  replicaAnnounced: yesNo('replica-announced', 'yes', 'Let Sentinel report it.', LATER),
  replicaAnnounceIp: string('replica-announce-ip', '', 'Its address.', alias('slave-announce-ip')),
  replicaAnnouncePort: number(
    'replica-announce-port',
    PORT,
    0,
    'Its port.',
    alias('slave-announce-port'),
  ),
  replicaIgnoreMaxmemory: yesNo(
    'replica-ignore-maxmemory',
    'yes',
    'Let only the primary evict keys.',
    alias('slave-ignore-maxmemory'),
  ),
  replicaIgnoreDiskWriteErrors: yesNo(
    'replica-ignore-disk-write-errors',
    'no',
    'Go on when the log of a replica fails.',
    LATER,
  ),
  replDisklessSync: yesNo('repl-diskless-sync', 'yes', 'Send snapshots without a file.', LATER),
  replDisklessSyncDelay: number('repl-diskless-sync-delay', INT, 5, 'Seconds to wait.', LATER),
  replDisklessSyncMaxReplicas: number(
    'repl-diskless-sync-max-replicas',
    INT,
    0,
    'Replicas not to wait beyond.',
    LATER,
  ),
  replDisklessLoad: word(
    'repl-diskless-load',
    ['disabled', 'on-empty-db', 'swapdb'],
    'Load snapshots without a file.',
    LATER,
  ),
  replDisableTcpNodelay: yesNo('repl-disable-tcp-nodelay', 'no', 'Fewer packets.', LATER),
  replPingReplicaPeriod: number(
    'repl-ping-replica-period',
    POSITIVE,
    10,
    'Seconds between two pings.',
    alias('repl-ping-slave-period'),
  ),
  replTimeout: number('repl-timeout', POSITIVE, 60, 'Seconds to give a silent peer.', LATER),
  replBacklogSize: memory('repl-backlog-size', 1_048_576, 'Kept for partial syncs.', LATER),
  replBacklogTtl: number('repl-backlog-ttl', LONG, 3600, 'Seconds to keep it for nobody.', LATER),
  minReplicasToWrite: number(
    'min-replicas-to-write',
    INT,
    0,
    'Replicas without which writes are refused.',
    alias('min-slaves-to-write'),
  ),
  minReplicasMaxLag: number(
    'min-replicas-max-lag',
    INT,
    10,
    'Seconds that such a replica may lag.',
    alias('min-slaves-max-lag'),
  ),
};

const cluster = {
  clusterEnabled: missing('cluster-enabled', 'no', 'Be a node of a cluster.'),
  clusterConfigFile: string('cluster-config-file', 'nodes.conf', "The nodes' file.", {
    live: false,
    effect: 'later',
  }),
  clusterPort: number('cluster-port', PORT, 0, 'Its bus.', { live: false, effect: 'later' }),
  clusterNodeTimeout: number('cluster-node-timeout', LONG, 15_000, 'Ms to be silent.', LATER),
  clusterAnnounceIp: string('cluster-announce-ip', '', 'The address to announce.', LATER),
  clusterAnnounceHostname: string('cluster-announce-hostname', '', 'The host name.', LATER),
  clusterAnnounceHumanNodename: string('cluster-announce-human-nodename', '', 'A name.', LATER),
  clusterAnnouncePort: number('cluster-announce-port', PORT, 0, 'The port.', LATER),
  clusterAnnounceTlsPort: number('cluster-announce-tls-port', PORT, 0, 'The TLS port.', LATER),
  clusterAnnounceBusPort: number('cluster-announce-bus-port', PORT, 0, 'The bus port.', LATER),
  clusterPreferredEndpointType: word(
    'cluster-preferred-endpoint-type',
    ['ip', 'hostname', 'unknown-endpoint'],
    'What to send clients to.',
    LATER,
  ),
  clusterReplicaValidityFactor: number(
    'cluster-replica-validity-factor',
    INT,
    10,
    'How long a lone replica may stand for election.',
    alias('cluster-slave-validity-factor'),
  ),
  clusterReplicaNoFailover: yesNo(
    'cluster-replica-no-failover',
    'no',
    'Never stand for election.',
    alias('cluster-slave-no-failover'),
  ),
  clusterMigrationBarrier: number('cluster-migration-barrier', INT, 1, 'Replicas to keep.', LATER),
  clusterAllowReplicaMigration: yesNo(
    'cluster-allow-replica-migration',
    'yes',
    'Let replicas move to primaries without one.',
    LATER,
  ),
  clusterRequireFullCoverage: yesNo(
    'cluster-require-full-coverage',
    'yes',
    'Stop when slots are missing.',
    LATER,
  ),
  clusterAllowReadsWhenDown: yesNo('cluster-allow-reads-when-down', 'no', 'But read.', LATER),
  clusterAllowPubsubshardWhenDown: yesNo(
    'cluster-allow-pubsubshard-when-down',
    'yes',
    'But publish.',
    LATER,
  ),
  clusterLinkSendbufLimit: memory('cluster-link-sendbuf-limit', 0, "A link's buffer.", LATER),
};

const tls = {
  tlsCluster: yesNo('tls-cluster', 'no', 'TLS between nodes.', LATER),
  tlsReplication: yesNo('tls-replication', 'no', 'TLS to the primary.', LATER),
  tlsClientCertFile: string('tls-client-cert-file', '', 'The certificate as a client.', LATER),
  tlsClientKeyFile: string('tls-client-key-file', '', 'Its key.', LATER),
  tlsClientKeyFilePass: string('tls-client-key-file-pass', '', "The key's password.", LATER),
  tlsSessionCacheSize: number(
    'tls-session-cache-size',
    INT,
    20_480,
    'Sessions to keep, from 0 to 2147483647. DiskDB keeps none, whatever it says: each client has its own in a ticket.',
  ),
};

export const redisLaterOptions = {
  ...replication,
  ...cluster,
  ...tls,
};
