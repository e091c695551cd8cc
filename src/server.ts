/** The composition root: makes every part, opens them in order, closes them in reverse. */

import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { systemClock } from './base/clock.js';
import { SimulatedFiles } from './base/simulated-files.js';
import { systemFiles } from './base/system-files.js';
import { bytesHeldBy } from './commands/connection/client-info.js';
import type { Client, ServerContext } from './commands/context.js';
import { commandGroups } from './commands/groups.js';
import { CommandTable } from './commands/registry.js';
import type { Config } from './config/config.js';
import { Blocking } from './dispatch/blocking.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { Guard } from './dispatch/guard.js';
import { Pause } from './dispatch/pause.js';
import { Turn } from './dispatch/turn.js';
import type { Evictor } from './eviction/evictor.js';
import type { MemoryLimit } from './eviction/memory-limit.js';
import { ActiveExpiry } from './keyspace/active-expiry.js';
import { Checkpointer } from './keyspace/checkpointer.js';
import type { FilterKeeper } from './keyspace/filter-keeper.js';
import { GroupCommit } from './keyspace/group-commit.js';
import { Keyspace } from './keyspace/keyspace.js';
import { LogSyncer } from './keyspace/log-syncer.js';
import { openKeyspace } from './keyspace/open-keyspace.js';
import { limitCache, makeEvictor } from './make-evictor.js';
import { Listener } from './network/listener.js';
import { SlowEvents } from './observability/latency-events.js';
import type { ServerLogger } from './observability/logger.js';
import { Monitors } from './observability/monitors.js';
import { makeRequestLogs } from './observability/request-log.js';
import { Statistics } from './observability/statistics.js';
import { openStorage, syncsAlways } from './open-storage.js';
import { DEFAULT_LIMITS, type ParserLimits } from './protocol/request-parser.js';
import { Channels } from './pubsub/channels.js';
import { publishEvents } from './pubsub/notifications.js';
import { ClientTracking } from './pubsub/tracking.js';
import { Scripting } from './scripting/scripting.js';
import { renameCommands } from './security/renames.js';
import { Security } from './security/security.js';
import { likelyMember } from './types/likely-member.js';
import { VERSION } from './version.js';

const EXPIRY_PERIOD_MS = 100;
const CHECK_PERIOD_MS = 1000;

export interface RunningServer {
  /** Reads the certificates for TLS again. False: there is no TLS. @throws DiskDbError, and nothing has changed */
  reload(): boolean;
  /** The TCP port, 0 if there is none. */
  readonly port: number;
  /** Answers what is under way, makes everything durable, folds, and releases the data directory. */
  close(options?: { save?: boolean }): Promise<void>;
}

/** Resolves when the server is ready for clients. @throws DiskDbError, or what the system says of an address */
export async function startServer(config: Config, logger: ServerLogger): Promise<RunningServer> {
  const server = new Server(config, logger);
  try {
    await server.open();
    return server;
  } catch (error) {
    await server.abandon();
    throw error;
  }
}

class Server implements ServerContext, RunningServer {
  readonly config: Config;
  readonly logger: ServerLogger;
  readonly clock = systemClock;
  readonly commands = new CommandTable(commandGroups);
  readonly statistics = new Statistics(this.commands);
  readonly runId = randomBytes(20).toString('hex');
  readonly version = VERSION;
  readonly startedAt = systemClock.now();
  readonly configFile: string | undefined;
  readonly keyspace: Keyspace;
  readonly requestLogs: ReturnType<typeof makeRequestLogs>;
  readonly pubsub: Channels;
  readonly tracking: ClientTracking;
  readonly monitors: Monitors;
  readonly latency: SlowEvents;
  readonly pause = new Pause(systemClock);
  readonly access: Security;
  readonly #evictor: Evictor;

  isCronPaused = false;

  #filters: FilterKeeper | undefined;
  #checkpointer: Checkpointer | undefined;
  #expiry: ActiveExpiry | undefined;
  #listener: Listener | undefined;
  #turn: Turn | undefined;
  #scripts: Scripting | undefined;
  #syncer: LogSyncer | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  #closing: Promise<void> | undefined;

  constructor(config: Config, logger: ServerLogger) {
    this.config = config;
    this.logger = logger;
    this.requestLogs = makeRequestLogs(config, this.clock);
    this.monitors = new Monitors(this.clock, logger);
    this.latency = new SlowEvents(this.clock);
    config.onChange('latency.threshold', (threshold) => this.#watchLatency(threshold));
    renameCommands(this.commands, config.renames);
    this.access = new Security({ config, commands: this.commands, clock: this.clock, logger });
    this.configFile = config.file === undefined ? undefined : resolve(config.file.path);
    const { databases, cacheSize, maxTransactionSize } = config.values;
    this.keyspace = new Keyspace(
      { databases, cacheBytes: cacheSize, transactionBytes: maxTransactionSize },
      this.clock,
      Math.random,
    );
    this.keyspace.warmer.memberIn = likelyMember;
    this.pubsub = new Channels(this.keyspace.transaction);
    publishEvents(this.keyspace.events, this.pubsub, config);
    this.tracking = new ClientTracking(this.keyspace, config);
    const clientSizes = (): Iterable<number> => sizesOf(this.clients());
    this.#evictor = makeEvictor({
      config,
      keyspace: this.keyspace,
      statistics: this.statistics,
      clientSizes,
      logger,
    });
    limitCache(config, this.keyspace);
    config.onChange('maxTransactionSize', (bytes) => {
      this.keyspace.options.transactionBytes = bytes;
    });
    this.#watchLatency(config.values.latency.threshold);
  }

  /** @param threshold in milliseconds; 0 watches nothing */
  #watchLatency(threshold: number): void {
    this.latency.setThreshold(threshold);
    const note = this.latency.note.bind(this.latency);
    this.keyspace.onLatency = threshold === 0 ? undefined : note;
  }

  get memory(): MemoryLimit {
    return this.#evictor.limit;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get listening(): Listener {
    if (this.#listener === undefined) throw new Error('bug: the server is not open yet');
    return this.#listener;
  }

  get checkpointer(): Checkpointer {
    if (this.#checkpointer === undefined) throw new Error('bug: the server is not open yet');
    return this.#checkpointer;
  }

  get turn(): Turn {
    if (this.#turn === undefined) throw new Error('bug: the server is not open yet');
    return this.#turn;
  }

  get scripts(): Scripting {
    if (this.#scripts === undefined) throw new Error('bug: the server is not open yet');
    return this.#scripts;
  }

  *clients(): Generator<Client> {
    for (const connection of this.#listener?.connections ?? []) yield connection.session;
  }

  reload(): boolean {
    return this.#listener?.reloadTls() ?? false;
  }

  setActiveExpiry(on: boolean): void {
    if (this.#expiry !== undefined) this.#expiry.enabled = on;
  }

  async open(): Promise<void> {
    const startedAt = this.clock.monotonic();
    await this.#openKeyspace();
    this.#listener = new Listener({
      config: this.config,
      parts: {
        server: this,
        dispatcher: this.#makeDispatcher(),
        turn: this.turn,
        limits: this.#parserLimits(),
        queryBufferBytes: () => this.config.values.limits.queryBuffer,
      },
    });
    await this.#listener.open();
    this.#startTimers();
    const milliseconds = Math.round(this.clock.monotonic() - startedAt);
    this.logger.info(
      { port: this.port, directory: resolve(this.config.values.dir), milliseconds },
      `DiskDB ${VERSION} is ready to accept connections on port ${this.port}`,
    );
  }

  close(options: { save?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(options.save ?? true);
    return this.#closing;
  }

  /** After `open` has failed: closes what it had opened. Never rejects, for the reason to tell is the first one. */
  async abandon(): Promise<void> {
    this.#closing ??= this.#closeParts(false);
    try {
      await this.#closing;
    } catch (error) {
      this.logger.warn({ err: error }, 'what had been opened could not be closed');
    }
  }

  async shutdown({ save }: { save: boolean }): Promise<never> {
    await this.close({ save });
    return process.exit(0);
  }

  async #openKeyspace(): Promise<void> {
    const { keyspace, logger, config, runId } = this;
    const files = config.values.storageEngine === 'memory' ? new SimulatedFiles() : systemFiles;
    const filters = await openKeyspace({
      keyspace,
      files,
      directory: resolve(config.values.dir),
      logger,
      openStorage: (sink) => openStorage({ config, keyspace, logger, files, runId }, sink),
    });
    this.#filters = filters;
    const { persistence } = config.values;
    this.#checkpointer = new Checkpointer(keyspace, logger, {
      maxLogSize: () => persistence.maxLogSize,
      afterFold: () => filters.save(),
    });
    const commit = new GroupCommit(keyspace, () => syncsAlways(config));
    this.#turn = new Turn(commit, this.#afterTurn);
    keyspace.runner.onCommit = this.#turn.schedule;
    this.#expiry = new ActiveExpiry(keyspace, logger, () => {
      this.statistics.expiredKeys++;
    });
    this.#expiry.onBatch = (milliseconds) => {
      this.statistics.expiryMilliseconds += milliseconds;
    };
    this.#expiry.onTimeCap = () => {
      this.statistics.expiryTimeCaps++;
    };
    this.keyspace.onFieldsExpired = (count) => {
      this.statistics.expiredFields += count;
    };
    this.pause.onChange = (isOn) => {
      if (this.#expiry !== undefined) this.#expiry.paused = isOn;
      this.#evictor.paused = isOn;
    };
  }

  #makeDispatcher(): Dispatcher {
    if (this.#expiry === undefined) throw new Error('bug: the keyspace is not open yet');
    const guard = new Guard(this.keyspace, this.checkpointer, this.pause, this.#evictor);
    const dispatcher = new Dispatcher({
      keyspace: this.keyspace,
      commands: this.commands,
      guard,
      evictor: this.#evictor,
      blocking: new Blocking(this.keyspace),
      expiry: this.#expiry,
      statistics: this.statistics,
      requestLogs: this.requestLogs,
      latency: this.latency,
      monitors: this.monitors,
      pause: this.pause,
      tracking: this.config.values.redis,
      logger: this.logger,
    });
    this.#scripts = new Scripting({ server: this, guard, dispatcher });
    this.#scripts.open();
    return dispatcher;
  }

  #parserLimits(): ParserLimits {
    const { limits } = this.config.values;
    const parserLimits = { ...DEFAULT_LIMITS, bulkBytes: limits.maxBulkLength };
    this.config.onChange('limits.maxBulkLength', (bytes) => {
      parserLimits.bulkBytes = bytes;
    });
    return parserLimits;
  }

  /** Housekeeping between turns: nothing of a running request can be evicted. */
  readonly #afterTurn = (): void => {
    const { residents, options } = this.keyspace;
    this.keyspace.timed('cache-eviction', () => residents.evict(options.cacheBytes));
    this.#checkpointer?.check();
    if (this.memory.isOn) this.#evictor.relieve();
  };

  #startTimers(): void {
    this.#every(EXPIRY_PERIOD_MS, () => {
      void this.#expiry?.run();
      if (this.memory.isOn) this.#evictor.relieve();
    });
    this.#every(CHECK_PERIOD_MS, () => {
      this.#checkpointer?.check();
      this.#filters?.check();
      this.#listener?.dropIdle(this.clock.now());
      this.#listener?.dropSlow();
      this.statistics.sample(this.clock.monotonic(), this.memory.used);
    });
    this.#syncer = new LogSyncer(
      this.keyspace.storage.log,
      this.logger,
      this.config.values.persistence,
    );
    this.#syncer.open();
  }

  #every(milliseconds: number, action: () => void): void {
    const run = (): void => {
      if (!this.isCronPaused) action();
    };
    this.#timers.push(setInterval(run, milliseconds));
  }

  async #close(save: boolean): Promise<void> {
    await this.#closeParts(save);
    this.logger.info({ directory: resolve(this.config.values.dir) }, 'DiskDB is closed');
  }

  async #closeParts(save: boolean): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#syncer?.close();
    this.#scripts?.close();
    await this.#listener?.close();
    await this.keyspace.runner.settled();
    this.#turn?.end();
    if (save && this.#checkpointer !== undefined) await this.#lastCheckpoint(this.#checkpointer);
    if (this.#filters === undefined) return; // the storage is open if and only if these are
    await this.#filters.close();
    await this.keyspace.storage.close();
  }

  /** Not needed for safety, the log has everything; it makes the next start quick. */
  async #lastCheckpoint(checkpointer: Checkpointer): Promise<void> {
    try {
      await checkpointer.checkpoint();
    } catch (error) {
      this.logger.warn({ err: error }, 'the last fold failed; the log keeps everything');
    }
  }
}

/** What each client makes the server keep, in bytes. */
function* sizesOf(clients: Iterable<Client>): Generator<number> {
  for (const client of clients) yield bytesHeldBy(client);
}
