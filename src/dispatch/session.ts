/** One client's state between requests, and the request it runs now. */

import type { User } from '../commands/access-control.js';
import type {
  Client,
  ClientSettings,
  CommandContext,
  KeyWait,
  QueryBuffer,
  RequestParts,
  ServerContext,
  WaitedKeys,
} from '../commands/context.js';
import type { Subscriptions } from '../commands/messaging.js';
import type { TrackedClient } from '../commands/tracking.js';
import type { Database } from '../keyspace/database.js';
import { encoderOf, resp2 } from '../protocol/encoder.js';
import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import type { Blocked } from './blocking.js';
import type { Request } from './request.js';
import { SessionTransaction } from './transaction.js';

/** What a session asks of its connection. */
export interface Transport {
  readonly address: string;
  readonly localAddress: string;
  readonly fileDescriptor: number;
  readonly queryBuffer: QueryBuffer;
  readonly outputBytes: number;
  /** Sends what answers no request, after what the client gets already. */
  push(message: string): void;
  closeAfterReply(): void;
  kill(): void;
}

export type ReplyMode = 'on' | 'off' | 'skip' | 'skip-next';

/** All that lasts from request to request, and is undone with the one that changed it. */
interface SessionState extends ClientSettings {
  readonly db: Database;
  readonly reply: ReplyEncoder;
  readonly replyMode: ReplyMode;
  readonly closing: boolean;
}

export class Session implements Client, CommandContext {
  readonly id: number;
  readonly server: ServerContext;
  readonly connectedAt: number;
  lastActiveAt: number;
  name = '';
  libraryName = '';
  libraryVersion = '';
  lastCommand = 'NULL';
  noEvict = false;
  noTouch = false;
  authenticated: boolean;
  account: User;
  replyMode: ReplyMode = 'on';
  /** The connection ends with the reply to this request. */
  closing = false;

  readonly transaction: SessionTransaction;
  db: Database;
  reply: ReplyEncoder = resp2;
  subscriptions: Subscriptions | undefined;
  tracking: TrackedClient | undefined;
  /** The script that runs for it, if it caches what it reads. */
  script: Request | undefined;
  /** Its request is done, and the reply not yet with the connection: messages wait for that. */
  replyDue = false;
  #messages: string[] | undefined;
  /** Its request waits for a key. */
  blocked: Blocked | undefined;
  /** What the request that has just run waits for. */
  #wait: KeyWait | undefined;
  /** What it is to go on with. */
  #parts: RequestParts | undefined;
  /** The client has gone, or is about to: nothing may be taken for it. */
  leaves = false;
  /** It gets no messages any more. */
  isDetached = false;
  readonly #transport: Transport;

  constructor(id: number, server: ServerContext, transport: Transport) {
    this.id = id;
    this.server = server;
    this.#transport = transport;
    this.authenticated = server.access.isOpen;
    this.account = server.access.defaultUser;
    this.connectedAt = server.clock.now();
    this.lastActiveAt = this.connectedAt;
    this.db = server.keyspace.database(0);
    this.transaction = new SessionTransaction(server.keyspace);
  }

  get client(): Client {
    return this;
  }

  /** It has authenticated, or nobody has to. */
  get isKnown(): boolean {
    return this.authenticated || this.server.access.isOpen;
  }

  get databaseIndex(): number {
    return this.db.index;
  }

  get protocol(): 2 | 3 {
    return this.reply.version;
  }

  get address(): string {
    return this.#transport.address;
  }

  get localAddress(): string {
    return this.#transport.localAddress;
  }

  get fileDescriptor(): number {
    return this.#transport.fileDescriptor;
  }

  get queryBuffer(): QueryBuffer {
    return this.#transport.queryBuffer;
  }

  get outputBytes(): number {
    return this.#transport.outputBytes;
  }

  get inTransaction(): boolean {
    return this.transaction.isOpen;
  }

  get queuedCommands(): number {
    return this.transaction.length;
  }

  get transactionBytes(): number {
    return this.transaction.bytes;
  }

  get watchedKeys(): number {
    return this.transaction.watcher.watches.size;
  }

  get watchedHaveChanged(): boolean {
    return this.transaction.watcher.isTouched;
  }

  await<T>(name: string, start: () => Promise<T>): T {
    // Two commands of one EXEC wait for two things.
    const prefix = this.inTransaction ? `${this.transaction.running}:` : '';
    return this.server.keyspace.transaction.await(prefix + name, start);
  }

  /** In a transaction nobody waits: a command that would block does what it can. */
  block(wait: KeyWait): Reply {
    if (this.inTransaction || this.leaves) return wait.withoutWait ?? wait.otherwise;
    this.server.keyspace.transaction.onUndo(() => {
      this.#wait = undefined;
    });
    this.#wait = wait;
    return wait.otherwise;
  }

  goOn(parts: RequestParts): Reply {
    this.server.keyspace.transaction.onUndo(() => {
      this.#parts = undefined;
    });
    this.#parts = parts;
    return '';
  }

  /** What the request that has just run is to go on with; asked once. */
  takeParts(): RequestParts {
    const parts = this.#parts ?? [];
    this.#parts = undefined;
    return parts;
  }

  /** The request that has just run is not done. */
  get waits(): boolean {
    return this.#wait !== undefined || this.#parts !== undefined;
  }

  /** What the request that has just run waits for, if it does; asked once. */
  takeWait(): KeyWait | undefined {
    const wait = this.#wait;
    if (wait !== undefined) this.#wait = undefined;
    return wait;
  }

  get isBlocked(): boolean {
    return this.blocked !== undefined && !this.blocked.isReleased;
  }

  get waitsFor(): WaitedKeys | undefined {
    return this.blocked?.keys;
  }

  get isPostponed(): boolean {
    return this.blocked?.isPostponed ?? false;
  }

  unblock(error?: Error): void {
    const { blocked } = this;
    if (blocked === undefined || blocked.isPostponed || blocked.isReleased) return;
    const { transaction } = this.server.keyspace;
    transaction.onUndo(() => {
      blocked.isReleased = false;
    });
    blocked.isReleased = true;
    transaction.effect(() => {
      // Its time may be up meanwhile.
      if (this.blocked === blocked) blocked.end(error);
    });
  }

  /** The client takes no more replies: whatever it waits for is left to others. True if it did wait. */
  leave(): boolean {
    const { blocked } = this;
    this.leaves = true;
    if (this.server.monitors.isOn) this.server.monitors.remove(this);
    blocked?.cancel();
    return blocked !== undefined;
  }

  /** The connection is closed, and no request of it is under way. */
  close(): void {
    if (this.subscriptions !== undefined) this.server.pubsub.leave(this);
    if (this.tracking !== undefined) this.server.tracking.leave(this);
    this.transaction.end();
  }

  change(settings: Partial<ClientSettings>): void {
    this.#set(settings);
  }

  select(index: number): void {
    this.#set({ db: this.server.keyspace.database(index) });
  }

  setProtocol(version: 2 | 3): void {
    this.#set({ reply: encoderOf(version) });
  }

  setReplies(mode: 'on' | 'off' | 'skip'): void {
    if (mode !== 'skip') this.#set({ replyMode: mode });
    else if (this.replyMode !== 'off') this.#set({ replyMode: 'skip-next' });
  }

  reset(): void {
    this.transaction.unwatch();
    this.server.pubsub.unsubscribeAll(this);
    this.server.tracking.disable(this);
    this.#leaveMonitors();
    this.#set({
      db: this.server.keyspace.database(0),
      reply: resp2,
      name: '',
      noEvict: false,
      noTouch: false,
      // What is skipped is its own reply.
      replyMode: this.replyMode === 'skip' ? 'skip' : 'on',
      authenticated: this.server.access.isOpen,
      account: this.server.access.defaultUser,
    });
  }

  #leaveMonitors(): void {
    const { monitors, keyspace } = this.server;
    if (!monitors.has(this)) return;
    monitors.remove(this);
    keyspace.transaction.onUndo(() => monitors.add(this));
  }

  /** The one way in which a request changes its session. */
  #set(state: Partial<SessionState>): void {
    const names = Object.keys(state) as (keyof SessionState)[];
    const before = Object.fromEntries(names.map((name) => [name, this[name]]));
    this.server.keyspace.transaction.onUndo(() => Object.assign(this, before));
    Object.assign(this, state);
  }

  push(message: string): void {
    this.server.keyspace.transaction.message(() => this.deliver(message));
  }

  deliver(message: string): void {
    if (!this.replyDue) {
      this.#transport.push(message);
      return;
    }
    this.#messages ??= [];
    this.#messages.push(message);
  }

  /** The connection has the reply to its request, or the request waits and has none yet. */
  replied(): void {
    this.replyDue = false;
    if (this.tracking?.caching) this.#endCaching(this.tracking);
    if (this.#messages === undefined) return;
    for (const message of this.#messages) this.#transport.push(message);
    this.#messages = undefined;
  }

  /** CLIENT CACHING is for one request, or one transaction. */
  #endCaching(tracking: TrackedClient): void {
    if (this.inTransaction || this.lastCommand.startsWith('client|')) return;
    tracking.caching = false;
  }

  disconnect(): void {
    this.#transport.kill();
  }

  closeAfterReply(): void {
    this.#set({ closing: true });
  }

  closeNow(): void {
    this.#transport.closeAfterReply();
  }

  kill(): void {
    const { transaction } = this.server.keyspace;
    this.leaves = true;
    transaction.onUndo(() => {
      this.leaves = false;
    });
    transaction.effect(() => this.#transport.kill());
  }
}
