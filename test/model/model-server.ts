/**
 * A server without sockets for the model: the real commands, dispatcher, guard, turns and folds over files that
 * can lose power. A crash leaves nothing of the old process that could still write.
 */

import { type Argument, CHUNK_BYTES, LargeString } from '../../src/base/large-string.js';
import { SimulatedFiles } from '../../src/base/simulated-files.js';
import type { UnsyncedOperation } from '../../src/base/simulated-inode.js';
import { type Client, EMPTY_QUERY_BUFFER, type ServerContext } from '../../src/commands/context.js';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandTable } from '../../src/commands/registry.js';
import { loadConfig } from '../../src/config/load.js';
import { Blocking } from '../../src/dispatch/blocking.js';
import { Dispatcher } from '../../src/dispatch/dispatcher.js';
import { Guard } from '../../src/dispatch/guard.js';
import { Session, type Transport } from '../../src/dispatch/session.js';
import { type Outbox, type SealedReplies, Turn } from '../../src/dispatch/turn.js';
import type { Evictor } from '../../src/eviction/evictor.js';
import { ActiveExpiry } from '../../src/keyspace/active-expiry.js';
import { Checkpointer } from '../../src/keyspace/checkpointer.js';
import type { FilterKeeper } from '../../src/keyspace/filter-keeper.js';
import { GroupCommit } from '../../src/keyspace/group-commit.js';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { openKeyspace } from '../../src/keyspace/open-keyspace.js';
import { stateOf } from '../../src/keyspace/state.js';
import { makeEvictor } from '../../src/make-evictor.js';
import { Statistics } from '../../src/observability/statistics.js';
import type { Reply } from '../../src/protocol/reply.js';
import { Channels } from '../../src/pubsub/channels.js';
import { ClientTracking } from '../../src/pubsub/tracking.js';
import { Security } from '../../src/security/security.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import type { ReplaySink, Storage } from '../../src/storage/storage.js';
import { readCheckpoint, readReached } from '../../src/storage/store/checkpoint.js';
import { Codec } from '../../src/storage/store/codec.js';
import type {
  Store,
  StoreBatch,
  StoreRange,
  StoreSnapshot,
} from '../../src/storage/store/store.js';
import { likelyMember } from '../../src/types/likely-member.js';
import { auditChanges } from '../support/audit-log.js';
import { auditRecords } from '../support/audit-store.js';
import { ManualClock, textOf } from '../support/command-harness.js';
import { makeInstruments } from '../support/instruments.js';

const DIRECTORY = '/data';
/** What LevelDB in this thread cannot do at once, where a server asks its storage thread, and waits for it. */
const NOT_BLOCKING = [
  'a blocking range over a store that reads asynchronously',
  'a blocking read while the store is opened again',
];

export interface ModelServerOptions {
  readonly cacheBytes: number;
  readonly maxLogSize: number;
  readonly sync: 'always' | 'no';
  /** Of the log. The clock stands still meanwhile: with any, each sync is done in this thread. */
  readonly blockingSyncMsMax?: number;
  /** Default true. Without it a kill, too, takes what came after the last checkpoint. */
  readonly walEnabled?: boolean;
  readonly databases: number;
  readonly clients: number;
  readonly store: Store;
  readonly compression: 'none' | 'lz4' | 'snappy';
  readonly seed: number;
}

const ALL_RECORDS = { from: 'd', to: 'z', maxRecords: 1e9, maxBytes: 1e9 };

/** A store that a dead process can no longer write to. */
class MortalStore implements Store {
  readonly inner: Store;
  failWrite: Error | undefined;
  #dead = false;
  #reopening: Promise<void> | undefined;

  constructor(inner: Store) {
    this.inner = inner;
    const { scanSync } = inner;
    if (scanSync !== undefined) this.scanSync = scanSync.bind(inner);
  }

  scanSync?: NonNullable<Store['scanSync']>;

  die(): void {
    this.#dead = true;
  }

  /** What the system does after a process has died: it lets the files go, those that were just being opened too. */
  async release(): Promise<void> {
    await this.#reopening?.catch(() => undefined);
    await this.inner.close();
  }

  open(): Promise<void> {
    return this.inner.open();
  }

  async reopen(): Promise<void> {
    if (this.#dead) return;
    this.#reopening = this.inner.reopen();
    await this.#reopening;
  }

  async close(): Promise<void> {
    if (!this.#dead) await this.inner.close();
  }

  getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    return this.inner.getMany(keys);
  }

  getSync(key: Buffer): Buffer | undefined {
    return this.inner.getSync(key);
  }

  scan(range: StoreRange, visit: (key: Buffer, value: Buffer) => boolean): Promise<void> {
    return this.inner.scan(range, visit);
  }

  scanKeys(range: StoreRange, visit: (keys: readonly Buffer[]) => boolean): Promise<void> {
    return this.inner.scanKeys(range, visit);
  }

  countKeys(range: StoreRange): Promise<number> {
    return this.inner.countKeys(range);
  }

  hasMany(keys: readonly Buffer[], snapshot?: StoreSnapshot): Promise<boolean[]> {
    return this.inner.hasMany(keys, snapshot);
  }

  snapshot(): StoreSnapshot {
    return this.inner.snapshot();
  }

  batch(): StoreBatch {
    const batch = this.inner.batch();
    return {
      put: (key, value) => batch.put(key, value),
      delete: (key) => batch.delete(key),
      write: async () => {
        if (this.#dead) throw new Error('the process is dead');
        if (this.failWrite !== undefined) throw this.failWrite;
        await batch.write();
      },
    };
  }

  async clear(range: StoreRange, limit: number): Promise<Buffer | undefined> {
    if (this.#dead) throw new Error('the process is dead');
    return this.inner.clear(range, limit);
  }

  flush(): Promise<void> {
    return this.inner.flush();
  }

  compact(from: Buffer, to: Buffer): Promise<void> {
    return this.inner.compact(from, to);
  }

  sizeOf(from: Buffer, to: Buffer): Promise<number> {
    return this.inner.sizeOf(from, to);
  }

  size(): Promise<number> {
    return this.inner.size();
  }
}

export class ModelServer {
  readonly options: ModelServerOptions;
  readonly clock = new ManualClock();
  readonly files = new SimulatedFiles();
  readonly warnings: string[] = [];
  keyspace!: Keyspace;
  checkpointer!: Checkpointer;
  evictor!: Evictor;
  clients: ModelClient[] = [];
  #expiry!: ActiveExpiry;
  #filters!: FilterKeeper;
  #store!: MortalStore;
  #turn!: Turn;
  #folds = 0;
  /** What was wrong in the log, of what was folded. */
  readonly #problems: string[] = [];

  private constructor(options: ModelServerOptions) {
    this.options = options;
  }

  static async open(options: ModelServerOptions): Promise<ModelServer> {
    const server = new ModelServer(options);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const { cacheBytes, databases, seed } = this.options;
    const { clock, files } = this;
    const logger = this.#logger();
    const limits = { databases, cacheBytes, transactionBytes: 1 << 30 };
    const random = (): number => (seed % 1000) / 1000;
    const keyspace = new Keyspace(limits, clock, random);
    keyspace.warmer.memberIn = likelyMember;
    this.keyspace = keyspace;
    const openStorage = (sink: ReplaySink): Promise<Storage> => this.#openStorage(sink, keyspace);
    const filters = await openKeyspace({
      keyspace,
      files,
      directory: DIRECTORY,
      logger,
      openStorage,
    });
    this.#filters = filters;
    const checkpointer = new Checkpointer(keyspace, logger, {
      maxLogSize: () => this.options.maxLogSize,
      afterFold: () => filters.save(),
    });
    this.checkpointer = checkpointer;
    const commit = new GroupCommit(keyspace, () => this.options.sync === 'always');
    const turn = new Turn(commit, () => {
      keyspace.residents.evict(cacheBytes);
      checkpointer.check();
      filters.check();
    });
    this.#turn = turn;
    keyspace.runner.onCommit = turn.schedule;
    this.#expiry = new ActiveExpiry(keyspace, logger, () => undefined);
    this.#connect(keyspace, checkpointer);
  }

  #logger() {
    return {
      debug: () => undefined,
      info: () => undefined,
      warn: (fields: object, message: string) => void this.warnings.push(message, String(fields)),
      error: (fields: { err?: unknown }, message: string) =>
        void this.warnings.push(message, String(fields.err)),
    };
  }

  #openStorage(sink: ReplaySink, keyspace: Keyspace): Promise<Storage> {
    const {
      store,
      compression,
      maxLogSize,
      walEnabled = true,
      blockingSyncMsMax = 0,
    } = this.options;
    this.#store = new MortalStore(store);
    return DiskStorage.open({
      directory: DIRECTORY,
      sink,
      state: () => stateOf(keyspace),
      files: this.files,
      store: this.#store,
      compression,
      maxLogSize,
      walEnabled,
      blockingSyncMsMax,
      clock: this.clock,
      inProcess: true,
      reserveBytes: 0,
    });
  }

  #connect(keyspace: Keyspace, checkpointer: Checkpointer): void {
    const commands = new CommandTable(commandGroups);
    const statistics = new Statistics(commands);
    const logger = this.#logger();
    const { clock } = this;
    const { config } = loadConfig({});
    const instruments = makeInstruments(clock, config, logger);
    const evictor = makeEvictor({ keyspace, config, statistics, clientSizes: () => [], logger });
    this.evictor = evictor;
    const context = {
      access: new Security({ config, commands, clock, logger }),
      keyspace,
      checkpointer,
      memory: evictor.limit,
      config,
      commands,
      clock,
      logger,
      statistics,
      ...instruments,
      pubsub: new Channels(keyspace.transaction),
      tracking: new ClientTracking(keyspace, config),
      clients: () => this.clients.map((client) => client.session as Client),
    } as unknown as ServerContext;
    const dispatcher = new Dispatcher({
      keyspace,
      commands,
      guard: new Guard(keyspace, checkpointer, instruments.pause, evictor),
      evictor,
      blocking: new Blocking(keyspace),
      expiry: this.#expiry,
      statistics,
      ...instruments,
      tracking: config.values.redis,
      logger,
    });
    this.clients = Array.from(
      { length: this.options.clients },
      (_, id) => new ModelClient(id + 1, context, dispatcher, this.#turn),
    );
  }

  async fold(): Promise<void> {
    // The others begin in an open turn, or while another one runs.
    if (++this.#folds % 2 === 0) {
      await this.quiet();
      await this.#auditLog();
    }
    await this.checkpointer.checkpoint();
  }

  async #auditLog(): Promise<void> {
    const { store } = this.options;
    const { storage } = this.keyspace;
    const before = await readCheckpoint(store, new Codec('none'));
    // An attempt that failed may have written some of the records.
    const reached = await readReached(store, new Codec('none'), before);
    if (reached === undefined || reached.segment > storage.checkpoint) return;
    const { keys } = await storage.range(ALL_RECORDS);
    this.#problems.push(...auditChanges(this.files, DIRECTORY, storage.checkpoint, keys));
  }

  async failedFold(): Promise<void> {
    this.#store.failWrite = new Error('a simulated failure of the store');
    await this.checkpointer.checkpoint().catch(() => undefined);
    this.#store.failWrite = undefined;
    this.clock.milliseconds += 1_000; // until the checkpointer tries again
  }

  /** Deletes everything whose time has come. */
  async expire(): Promise<void> {
    for (let i = 0; i < 20; i++) await this.#expiry.run();
    await this.quiet();
  }

  /** Waits until no fold is under way and the last turn has ended. */
  async quiet(): Promise<void> {
    await nextTurn();
    while (this.checkpointer.running) await nextTurn();
    await nextTurn();
  }

  /** The process ends at this moment. `keep` says what of the unsynced writes the disk has. */
  async crash(keep: (operation: UnsyncedOperation) => boolean | number): Promise<void> {
    this.#store.die();
    this.files.crash(keep);
    for (const client of this.clients) client.die();
    this.keyspace.runner.onCommit = () => undefined;
    // Whatever the dead process still tries fails; let it, before the next one starts.
    for (let i = 0; i < 50; i++) await nextTurn();
    await this.#store.release();
    await this.start();
  }

  /** SHUTDOWN, and a start. */
  async restart(folds: boolean): Promise<void> {
    await this.quiet();
    if (folds) await this.fold();
    await this.#filters.close();
    await this.keyspace.storage.close();
    await this.start();
  }

  /** Folds, and says what does not fit together in the store, or did not in the log. */
  async audit(): Promise<string[]> {
    await this.quiet();
    await this.#auditLog();
    await this.checkpointer.checkpoint();
    const { keys, values } = await this.keyspace.storage.range(ALL_RECORDS);
    const records = new Map(keys.map((key, at) => [key, values[at] as string]));
    return [...this.#problems, ...auditRecords(records)];
  }

  async close(): Promise<void> {
    await this.quiet();
    await this.keyspace.storage.close();
  }
}

/** A connection without a socket: its replies leave when the turn lets them. */
export class ModelClient implements Transport, Outbox {
  readonly session: Session;
  readonly address = '127.0.0.1:1';
  readonly localAddress = '127.0.0.1:6380';
  readonly fileDescriptor = 8;
  readonly queryBuffer = EMPTY_QUERY_BUFFER;
  readonly outputBytes = 0;
  readonly #dispatcher: Dispatcher;
  readonly #turn: Turn;
  #pending: { reply: Reply; answer: (reply: string) => void }[] = [];
  #dead = false;

  constructor(id: number, server: ServerContext, dispatcher: Dispatcher, turn: Turn) {
    this.#dispatcher = dispatcher;
    this.#turn = turn;
    this.session = new Session(id, server, this);
  }

  /** Resolves with the raw reply when it has left; never, if the process dies before. */
  ask(args: readonly string[]): Promise<string> {
    return new Promise((answer) => void this.#ask(args, answer));
  }

  /** Sends requests one behind the other, as a pipeline; `onReply` gets each reply as it leaves. */
  async pipeline(
    commands: readonly (readonly string[])[],
    onReply: (reply: string, index: number) => void = () => undefined,
  ): Promise<string[]> {
    const replies = commands.map(() => '');
    const left: Promise<void>[] = [];
    for (const [index, args] of commands.entries()) {
      let ran: () => void = () => undefined;
      const hasRun = new Promise<void>((resolve) => {
        ran = resolve;
      });
      const reply = new Promise<string>((answer) => {
        void this.#ask(args, answer).then(ran);
      });
      left.push(
        reply.then((text) => {
          replies[index] = text;
          onReply(text, index);
        }),
      );
      await hasRun;
    }
    await Promise.all(left);
    return replies;
  }

  die(): void {
    this.#dead = true;
  }

  push(): void {
    throw new Error('not in the model');
  }

  closeAfterReply(): void {
    throw new Error('not in the model');
  }

  kill(): void {
    throw new Error('not in the model');
  }

  seal(): SealedReplies {
    const pending = this.#pending;
    this.#pending = [];
    return {
      send: () => {
        if (this.#dead) return;
        for (const { reply, answer } of pending) void textOf(reply).then(answer);
      },
      fail: (error) => {
        if (this.#dead) return;
        for (const { answer } of pending) answer(`-MISCONF ${error.message}\r\n`);
      },
    };
  }

  async #ask(args: readonly string[], answer: (reply: string) => void): Promise<void> {
    this.#dispatcher.startTiming();
    const request = this.#dispatcher.resolve(this.session, args.map(argumentOf));
    const reply =
      typeof request === 'string'
        ? this.session.reply.error(request)
        : await this.#dispatcher.execute(request);
    if (typeof reply === 'string' && NOT_BLOCKING.some((text) => reply.includes(text))) {
      await nextTurn();
      await this.#ask(args, answer);
      return;
    }
    if (this.#dead) return;
    if (this.#pending.length === 0) this.#turn.add(this);
    this.#pending.push({ reply, answer });
  }
}

/** As the request parser makes it. */
function argumentOf(text: string): Argument {
  if (text.length <= CHUNK_BYTES) return text;
  const chunks: string[] = [];
  for (let at = 0; at < text.length; at += CHUNK_BYTES) {
    chunks.push(text.slice(at, at + CHUNK_BYTES));
  }
  return new LargeString(text.length, chunks);
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
