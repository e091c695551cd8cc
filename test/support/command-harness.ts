/**
 * Runs commands without sockets: a keyspace over in-memory storage, and clients whose requests go through the
 * runner (faults, retries, commit, undo) as those of a connection do.
 */

import type { Clock } from '../../src/base/clock.js';
import { type Argument, CHUNK_BYTES, LargeString } from '../../src/base/large-string.js';
import { SimulatedFiles } from '../../src/base/simulated-files.js';
import { type Client, EMPTY_QUERY_BUFFER, type ServerContext } from '../../src/commands/context.js';
import { CommandTable } from '../../src/commands/registry.js';
import type { Command } from '../../src/commands/spec.js';
import type { Flag } from '../../src/config/flags.js';
import { loadConfig } from '../../src/config/load.js';
import { Blocking } from '../../src/dispatch/blocking.js';
import { Dispatcher } from '../../src/dispatch/dispatcher.js';
import { Guard } from '../../src/dispatch/guard.js';
import { Session, type Transport } from '../../src/dispatch/session.js';
import type { Evictor } from '../../src/eviction/evictor.js';
import { ActiveExpiry } from '../../src/keyspace/active-expiry.js';
import { Checkpointer } from '../../src/keyspace/checkpointer.js';
import { GroupCommit } from '../../src/keyspace/group-commit.js';
import { Keyspace } from '../../src/keyspace/keyspace.js';
import { openKeyspace } from '../../src/keyspace/open-keyspace.js';
import { stateOf } from '../../src/keyspace/state.js';
import { makeEvictor } from '../../src/make-evictor.js';
import { Statistics } from '../../src/observability/statistics.js';
import { LargeReply, type Reply } from '../../src/protocol/reply.js';
import { Channels } from '../../src/pubsub/channels.js';
import { publishEvents } from '../../src/pubsub/notifications.js';
import { ClientTracking } from '../../src/pubsub/tracking.js';
import { Scripting } from '../../src/scripting/scripting.js';
import { Security } from '../../src/security/security.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import type { ReplaySink, Storage } from '../../src/storage/storage.js';
import { MemoryStore } from '../../src/storage/store/memory-store.js';
import { makeInstruments } from './instruments.js';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A bug in a command is to be seen, whatever the test compares. */
const loud = {
  ...silent,
  error: (fields: unknown, message: string): never => {
    throw new Error(message, { cause: (fields as { err?: unknown }).err });
  },
};

/** A clock that stands still until it is told to move. */
export class ManualClock implements Clock {
  milliseconds = 1_700_000_000_000;

  now(): number {
    return this.milliseconds;
  }

  monotonic(): number {
    return this.milliseconds;
  }
}

export class CommandHarness {
  readonly clock: ManualClock;
  readonly keyspace: Keyspace;
  readonly commands: CommandTable;
  readonly clients: TestClient[] = [];
  /** The first client. */
  readonly client: TestClient;
  readonly server: ServerContext;
  /** As DEBUG SET-ACTIVE-EXPIRE left it; nothing here expires by itself. */
  activeExpiry = true;
  readonly dispatcher: Dispatcher;
  readonly evictor: Evictor;
  readonly #checkpointer: Checkpointer;
  readonly #commit: GroupCommit;
  readonly #guard: Guard;
  readonly #instruments: ReturnType<typeof makeInstruments>;

  private constructor(
    keyspace: Keyspace,
    clock: ManualClock,
    commands: CommandTable,
    flags: readonly Flag[],
  ) {
    const { config } = loadConfig({ flags });
    this.clock = clock;
    this.keyspace = keyspace;
    this.commands = commands;
    this.#checkpointer = new Checkpointer(keyspace, silent, { maxLogSize: () => 1 << 30 });
    this.#commit = new GroupCommit(keyspace, () => false);
    this.#instruments = makeInstruments(clock, config, silent);
    const access = new Security({ config, commands, clock, logger: silent });
    const statistics = new Statistics(commands);
    this.evictor = makeEvictor({
      keyspace,
      config,
      statistics,
      clientSizes: () => [],
      logger: loud,
    });
    this.#guard = new Guard(keyspace, this.#checkpointer, this.#instruments.pause, this.evictor);
    this.server = {
      access,
      keyspace,
      checkpointer: this.#checkpointer,
      memory: this.evictor.limit,
      config,
      commands,
      clock,
      logger: silent as unknown as ServerContext['logger'],
      statistics,
      pubsub: new Channels(keyspace.transaction),
      tracking: new ClientTracking(keyspace, config),
      ...this.#instruments,
      clients: () => this.clients.map((client) => client.session as Client),
      runId: '0'.repeat(40),
      version: '0.0.0',
      startedAt: clock.now(),
      listening: { port: 6380, prepare: async () => undefined, settle: () => undefined },
      configFile: undefined,
      setActiveExpiry: (on) => {
        this.activeExpiry = on;
      },
      shutdown: () => Promise.reject(new Error('not in a test')),
    } satisfies Partial<ServerContext> as unknown as ServerContext;
    publishEvents(keyspace.events, this.server.pubsub, config);
    this.dispatcher = this.#makeDispatcher();
    this.#addScripts();
    // A request may commit and then wait: its group must not wait with it.
    keyspace.runner.onCommit = () => queueMicrotask(() => this.endTurn());
    this.client = this.connect();
  }

  /** @param groups the tables of the commands that are wanted; `flags` as on the command line */
  static async open(
    groups: readonly (readonly Command[])[],
    flags: readonly Flag[] = [],
  ): Promise<CommandHarness> {
    const clock = new ManualClock();
    const options = { databases: 16, cacheBytes: 1 << 30, transactionBytes: 1 << 30 };
    const keyspace = new Keyspace(options, clock, () => 0.5);
    await openInMemory(keyspace);
    return new CommandHarness(keyspace, clock, new CommandTable(groups), flags);
  }

  #addScripts(): void {
    const { server, dispatcher } = this;
    const guard = this.#guard;
    const scripts = new Scripting({ server, guard, dispatcher });
    Object.assign(this.server, { scripts });
    scripts.open();
  }

  #makeDispatcher(): Dispatcher {
    const { keyspace, commands } = this;
    const { statistics, config } = this.server;
    return new Dispatcher({
      keyspace,
      commands,
      guard: this.#guard,
      evictor: this.evictor,
      blocking: new Blocking(keyspace),
      expiry: new ActiveExpiry(keyspace, loud, () => statistics.expiredKeys++),
      statistics,
      ...this.#instruments,
      tracking: config.values.redis,
      logger: loud,
    });
  }

  connect(): TestClient {
    const client = new TestClient(this.clients.length + 1, this);
    this.clients.push(client);
    return client;
  }

  /** Raw reply of the first client's request. */
  run(...args: readonly string[]): Promise<string> {
    return this.client.run(...args);
  }

  /** Makes everything cold: what is read next comes from the store. */
  async evict(): Promise<void> {
    await this.#checkpointer.checkpoint();
    this.keyspace.residents.evictAll();
  }

  endTurn(): void {
    this.#commit.endTurn({
      release: () => undefined,
      fail: (error) => {
        throw error;
      },
    });
  }

  async close(): Promise<void> {
    await this.keyspace.storage.close();
  }
}

async function openInMemory(keyspace: Keyspace): Promise<void> {
  const files = new SimulatedFiles({ journal: false });
  const directory = '/data';
  const openStorage = (sink: ReplaySink): Promise<Storage> =>
    DiskStorage.open({
      directory,
      sink,
      state: () => stateOf(keyspace),
      files,
      store: new MemoryStore(),
      inProcess: true,
      reserveBytes: 0,
    });
  await openKeyspace({ keyspace, files, directory, logger: silent, openStorage });
}

export class TestClient implements Transport {
  readonly session: Session;
  readonly address: string;
  readonly localAddress = '127.0.0.1:6380';
  readonly fileDescriptor = 8;
  readonly queryBuffer = EMPTY_QUERY_BUFFER;
  readonly outputBytes = 0;
  /** How the connection was ended, if it was. */
  ended: 'after reply' | 'killed' | undefined;
  /** What it was sent without having asked. */
  readonly messages: string[] = [];
  readonly #harness: CommandHarness;

  constructor(id: number, harness: CommandHarness) {
    this.address = `127.0.0.1:${50_000 + id}`;
    this.#harness = harness;
    this.session = new Session(id, harness.server, this);
  }

  push(message: string): void {
    this.messages.push(message);
  }

  closeAfterReply(): void {
    this.ended = 'after reply';
  }

  kill(): void {
    this.ended = 'killed';
  }

  /** The raw reply, whole, once the request's group is in the log. */
  async run(...args: readonly string[]): Promise<string> {
    return textOf(await this.reply(...args));
  }

  /** The same as the connection gets it. */
  async reply(...args: readonly string[]): Promise<Reply> {
    const { session } = this;
    const { dispatcher } = this.#harness;
    const request = dispatcher.resolve(session, args.map(argumentOf));
    if (typeof request === 'string') return session.reply.error(request);
    dispatcher.startTiming();
    try {
      const reply = await dispatcher.execute(request);
      session.replied();
      if (session.closing) this.closeAfterReply();
      return reply;
    } finally {
      this.#harness.endTurn();
    }
  }
}

/** As the request parser makes it. */
function argumentOf(text: string): Argument {
  if (text.length <= CHUNK_BYTES) return text;
  const chunks = [];
  for (let at = 0; at < text.length; at += CHUNK_BYTES) {
    chunks.push(text.slice(at, at + CHUNK_BYTES));
  }
  return new LargeString(text.length, chunks);
}

/** All of a reply, read to its end. */
export async function textOf(reply: Reply): Promise<string> {
  if (!(reply instanceof LargeReply)) return reply;
  let text = '';
  for (const piece of reply.pieces) {
    if (typeof piece === 'string') text += piece;
    else
      for (let next = await piece.next(); !next.done; next = await piece.next()) text += next.value;
  }
  return text;
}
