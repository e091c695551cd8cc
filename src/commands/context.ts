/** What a running command sees: its database, its client, the server. The contracts; dispatch and server implement them. */

import type { Logger } from 'pino';
import type { Clock } from '../base/clock.js';
import type { Config } from '../config/config.js';
import type { MemoryLimit } from '../eviction/memory-limit.js';
import type { Checkpointer } from '../keyspace/checkpointer.js';
import type { Database } from '../keyspace/database.js';
import type { TypeNumber } from '../keyspace/header.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import type { AccessControl, User } from './access-control.js';
import type { ClientPause, LatencyEvents, MonitorFeed, RequestLogs } from './instruments.js';
import type { PubSub } from './messaging.js';
import type { CommandTable } from './registry.js';
import type { Scripts } from './scripts.js';
import type { Tracking, TrackingClient } from './tracking.js';

export interface CommandContext {
  /** The database the client has selected. */
  readonly db: Database;
  /** Shapes replies for the client's protocol version. */
  readonly reply: ReplyEncoder;
  readonly client: Client;
  readonly transaction: ClientTransaction;
  readonly server: ServerContext;
  /**
   * Waits for something that is not in the store, by faulting: the first attempt starts it, the attempt that
   * follows gets its result (or throws its error). `name` tells several waits of one command apart.
   */
  await<T>(name: string, start: () => Promise<T>): T;
  /**
   * Nothing is there yet: `return context.block(…)` makes the client wait for it. The command runs again when one
   * of the keys has changed, and may block again; it keeps its place and its time. Where a client cannot be kept
   * waiting the command has its `withoutWait`, or else `otherwise`, as its reply.
   */
  block(wait: KeyWait): Reply;
  /**
   * The request is too much for one stretch: `return context.goOn(…)` has these run in its place, by the same command, one
   * after the other, each in a transaction of its own; others are served in between. Its reply is that of the last. Not for what
   * MULTI has queued.
   */
  goOn(parts: RequestParts): Reply;
}

/** The arguments of each, the command's name first. */
export type RequestParts = readonly (readonly string[])[];

/** What MULTI begins and EXEC ends. */
export interface ClientTransaction {
  /** A request could not be queued: EXEC will refuse to run the others. */
  readonly isAborted: boolean;
  /** From now on requests are queued. */
  begin(): void;
  /**
   * Runs what is queued. The array of their replies: what one of them fails with is its reply, and nothing of it is left.
   * undefined: nothing was run, for a watched key has changed or expired.
   */
  run(encoder: ReplyEncoder): Reply | undefined;
  /** EXEC will run nothing if one of the keys is changed from now on, by whomever. */
  watch(db: Database, keys: readonly string[]): void;
  /** None is watched any more. */
  unwatch(): void;
}

/** What a command waits for that found nothing to return. */
export interface KeyWait {
  /** Of the database the client has selected. */
  readonly keys: readonly string[];
  /** A key of another type is not what it waits for. */
  readonly type: TypeNumber;
  /** Milliseconds; 0 is for ever. */
  readonly timeout: number;
  /** The reply when the time is up. */
  readonly otherwise: Reply;
  /** The reply where the client cannot be kept waiting, if it is another one. */
  readonly withoutWait?: Reply;
  /** The command is to run also when a key is gone or of another type: it will fail then. */
  readonly evenWithoutKey?: boolean;
  /** What runs when a key has changed; without it the command does, from its start. */
  readonly again?: () => Reply;
}

/** What commands set for their client. */
export interface ClientSettings {
  readonly name: string;
  readonly libraryName: string;
  readonly libraryVersion: string;
  /** False until AUTH, if the default user has a password. */
  readonly authenticated: boolean;
  /** Whom it acts for; the default user until AUTH. */
  readonly account: User;
  readonly noEvict: boolean;
  readonly noTouch: boolean;
}

/** What a blocked client waits for. */
export interface WaitedKeys {
  /** Each key with its database. */
  readonly places: ReadonlySet<string>;
  readonly hasTimeout: boolean;
  /** The client is served, with an error, when the key is gone. */
  readonly evenWithoutKey: boolean;
}

/** What a client has sent and the server is not done with, in bytes. */
export interface QueryBuffer {
  /** Not parsed yet, or of the read whose requests are being run. */
  readonly used: number;
  /** Room that is left for more. */
  readonly free: number;
  /** Arguments of the request that runs or waits, of those parsed behind it, and of one that is incomplete. */
  readonly arguments: number;
  /** What of this the client has for itself: most requests lie in the buffer that all sockets share. */
  readonly kept: number;
}

export const EMPTY_QUERY_BUFFER: QueryBuffer = { used: 0, free: 0, arguments: 0, kept: 0 };

/** A connected client, as CLIENT LIST shows it. What its methods change of it is undone if the request is. */
export interface Client extends ClientSettings, TrackingClient {
  readonly id: number;
  /** `ip:port` of the peer, or the path of a unix socket. */
  readonly address: string;
  readonly localAddress: string;
  readonly fileDescriptor: number;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  readonly databaseIndex: number;
  readonly protocol: 2 | 3;
  /** Full name of the last command, `client|list` for a subcommand. */
  readonly lastCommand: string;
  readonly inTransaction: boolean;
  /** It waits for a key, or for the end of a pause. */
  readonly isBlocked: boolean;
  /** It waits for the end of a pause: nothing else ends its wait. */
  readonly isPostponed: boolean;
  readonly queuedCommands: number;
  readonly watchedKeys: number;
  /** One that was watched has changed. */
  readonly watchedHaveChanged: boolean;
  /** Estimated memory that queued commands and watched keys take. */
  readonly transactionBytes: number;
  /** The keys that a blocked client waits for. */
  readonly waitsFor: WaitedKeys | undefined;
  readonly queryBuffer: QueryBuffer;
  /** Bytes of replies not yet taken by the socket. */
  readonly outputBytes: number;

  change(settings: Partial<ClientSettings>): void;
  select(index: number): void;
  setProtocol(version: 2 | 3): void;
  /** `off` silences everything, `skip` the next reply only. */
  setReplies(mode: 'on' | 'off' | 'skip'): void;
  /**
   * Sends a message that answers no request (pub/sub, invalidation, MONITOR) when the running transaction is
   * committed, after the reply if it is to who asks. It is part of the turn: it leaves with what the client gets for the
   * requests around it, in order, and not at all if the turn is undone. `message` is encoded for the client.
   */
  push(message: string): void;
  /** Back to a fresh connection's state: RESET. */
  reset(): void;
  /** Closes after this request's reply. */
  closeAfterReply(): void;
  /** Takes no more requests, and closes after the replies that are due: for a request that will get none. */
  closeNow(): void;
  /** Ends its wait for a key: as if its time were up, or with the error. */
  unblock(error?: Error): void;
  /** Closes at once: it does not read what it asked for. */
  disconnect(): void;
  /** Closes when this request is done for good, unsent replies are dropped: CLIENT KILL of another. */
  kill(): void;
}

export interface ServerContext {
  readonly keyspace: Keyspace;
  readonly checkpointer: Checkpointer;
  /** What is used of `maxmemory`, and whether it is full. */
  readonly memory: MemoryLimit;
  readonly config: Config;
  readonly commands: CommandTable;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly statistics: ServerStatistics;
  readonly requestLogs: RequestLogs;
  readonly pubsub: PubSub;
  readonly scripts: Scripts;
  readonly tracking: Tracking;
  readonly monitors: MonitorFeed;
  readonly latency: LatencyEvents;
  readonly pause: ClientPause;
  readonly access: AccessControl;
  /** Connected clients, oldest first. */
  clients(): Iterable<Client>;
  /** 40 hex digits, new at each start. */
  readonly runId: string;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Where clients are listened to. */
  readonly listening: Listening;
  readonly configFile: string | undefined;
  /** Whether all that is done from time to time rests (DEBUG PAUSE-CRON). */
  isCronPaused: boolean;
  /** Active expiry on or off (DEBUG SET-ACTIVE-EXPIRE). */
  setActiveExpiry(on: boolean): void;
  /** Closes everything and ends the process; `save` false skips the last fold. */
  shutdown(options: { save: boolean }): Promise<never>;
}

export interface Listening {
  /** The TCP port, or that for TLS if there is no other. */
  readonly port: number;
  /** Listens on what these call for, besides the present ones. @throws what the system says of the first that fails */
  prepare(ports: {
    readonly port: number;
    readonly tlsPort: number;
    readonly bind: readonly string[];
  }): Promise<void>;
  /** Listens no more on what is not configured. */
  settle(): void;
}

/** Calls of one command, for INFO commandstats; see ResolvedCommand.statistics. */
export interface CommandStatistics {
  calls: number;
  microseconds: number;
  rejected: number;
  failed: number;
}

/** What the event loop did, but for waiting. */
export interface EventLoopWork {
  /** Its turns; undefined where Node does not count them. */
  readonly cycles: number | undefined;
  readonly microseconds: number;
}

export interface ServerStatistics {
  connectionsReceived: number;
  connectionsRejected: number;
  commandsProcessed: number;
  bytesRead: number;
  bytesWritten: number;
  /** Of sockets. */
  reads: number;
  writes: number;
  /** Clients that sent a request larger than the server keeps. */
  queryLimitDisconnections: number;
  /** Clients that were disconnected because all together took too much memory. */
  evictedClients: number;
  /** Clients that did not take their output. */
  outputLimitDisconnections: number;
  keyspaceHits: number;
  keyspaceMisses: number;
  expiredKeys: number;
  evictedKeys: number;
  /** Of hashes. */
  expiredFields: number;
  /** How often active expiry had more to do than it has time for. */
  expiryTimeCaps: number;
  expiryMilliseconds: number;
  /** For which requests ran, what they waited for not included. */
  commandMicroseconds: number;
  /** Since the start, or `reset`. */
  readonly eventLoop: EventLoopWork;
  /** Error replies. */
  errorReplies: number;
  /** Counts an error reply, of which this is the text. */
  countError(text: string): void;
  /** Error replies by code (`ERR`, `WRONGTYPE` …), for INFO errorstats. */
  readonly errors: Map<string, number>;
  /** Measured over the last second or so. */
  readonly rates: Rates;
  /** The most that `used_memory` was seen to be, in bytes. */
  peakMemory: number;
  /** CONFIG RESETSTAT; the counters of the commands too. */
  reset(): void;
}

/** What happens in a second. */
export interface Rates {
  readonly eventLoop: EventLoopWork;
  readonly commands: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}
