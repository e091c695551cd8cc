/** The storage service in its own thread, as the command thread calls it. */

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { DiskDbError } from '../../base/errors.js';
import type {
  CountQuery,
  RangePage,
  RangeQuery,
  Skipped,
  SkipQuery,
  Snapshot,
  StorageStatistics,
} from '../storage.js';
import type { ServiceOpening } from '../storage-service.js';
import type { Checkpoint } from '../store/checkpoint.js';
import { SharedReader } from '../store/shared-reader.js';
import type { Backend } from './backend.js';
import { BlockingPort } from './blocking-port.js';
import {
  type Answer,
  type Envelope,
  expectAnswer,
  type PackedRange,
  packTexts,
  type Request,
  type ThreadData,
  transferOf,
  unpackTexts,
} from './messages.js';

/** A blocking read waits for the disk at most so long; then it fails rather than freeze the server. */
const BLOCKING_MS = 60_000;

/** LevelDB's lock does not exclude this process, whose threads share the store. */
const openPaths = new Set<string>();

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export class ThreadBackend implements Backend {
  readonly #worker: Worker;
  readonly #blocking: BlockingPort<Request, Answer>;
  readonly #data: Omit<ThreadData, 'answerCount' | 'port'>;
  #reader: SharedReader | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #failure: DiskDbError | undefined;
  #closing = false;

  constructor(data: Omit<ThreadData, 'answerCount' | 'port'>) {
    this.#data = data;
    const { port1, port2: port } = new MessageChannel();
    const answerCount = new Int32Array(new SharedArrayBuffer(4));
    this.#blocking = new BlockingPort(port1, answerCount, BLOCKING_MS);
    const workerData: ThreadData = { ...data, answerCount, port };
    const url = new URL('./storage-thread.js', import.meta.url);
    this.#worker = new Worker(url, { workerData, transferList: [port] });
    this.#worker.on('message', (message: Envelope<Answer>) => this.#settle(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`exit code ${code}`)));
    port1.unref();
  }

  async open(): Promise<ServiceOpening> {
    const { path } = this.#data.store;
    if (openPaths.has(path)) {
      await this.#terminate();
      throw new DiskDbError('DIRECTORY_LOCKED', `this process has ${path} open already`);
    }
    openPaths.add(path);
    try {
      const { opening } = expectAnswer(await this.#ask({ kind: 'open' }), 'opening');
      await this.#openReader();
      return opening;
    } catch (error) {
      openPaths.delete(path);
      await this.#terminate();
      throw error;
    }
  }

  startBackground(): void {
    this.#tell({ kind: 'background' });
  }

  async load(keys: readonly string[]): Promise<(string | undefined)[]> {
    const answer = await this.#ask({ kind: 'load', keys: packTexts(keys) });
    return unpackTexts(expectAnswer(answer, 'values').values);
  }

  loadSync(keys: readonly string[]): (string | undefined)[] {
    if (this.#failure) throw this.#failure;
    const values = this.#reader?.load(keys);
    if (values) return values;
    const answer = this.#askSync({ kind: 'load', keys: packTexts(keys) });
    return unpackTexts(expectAnswer(answer, 'values').values);
  }

  async range(query: RangeQuery): Promise<RangePage> {
    return toPage(await this.#ask(toRequest(query)));
  }

  rangeSync(query: RangeQuery): RangePage {
    return toPage(this.#askSync(toRequest(query)));
  }

  async count(query: CountQuery): Promise<number> {
    const answer = await this.#ask({ kind: 'count', ...toPackedRange(query) });
    return expectAnswer(answer, 'number').value;
  }

  async skip(query: SkipQuery): Promise<Skipped> {
    const { reverse, limit } = query;
    const answer = await this.#ask({ kind: 'skip', ...toPackedRange(query), reverse, limit });
    const { count, last } = expectAnswer(answer, 'skipped');
    return { count, last: unpackTexts(last)[0] };
  }

  async sizeOf(from: string, to: string): Promise<number> {
    const answer = await this.#ask({ kind: 'size', bounds: packTexts([from, to]) });
    return expectAnswer(answer, 'number').value;
  }

  async snapshot(): Promise<Snapshot> {
    return expectAnswer(await this.#ask({ kind: 'snapshot' }), 'snapshot').snapshot;
  }

  release({ id }: Snapshot): void {
    this.#tell({ kind: 'release', snapshot: id });
  }

  /** After a failure the store is opened again, which takes that all its handles are closed first. */
  async fold(through: number): Promise<Checkpoint> {
    try {
      const answer = await this.#ask({ kind: 'fold', through });
      const { checkpoint } = expectAnswer(answer, 'folded');
      if (!this.#reader) await this.#openReader();
      return checkpoint;
    } catch (error) {
      await this.#closeReader();
      throw error;
    }
  }

  async statistics(): Promise<StorageStatistics> {
    return expectAnswer(await this.#ask({ kind: 'statistics' }), 'statistics').statistics;
  }

  async close(): Promise<void> {
    const ended = this.#failure !== undefined;
    const exit = once(this.#worker, 'exit');
    this.#closing = true;
    await this.#closeReader();
    try {
      if (ended) return;
      expectAnswer(await this.#ask({ kind: 'close' }), 'done');
      await exit;
    } finally {
      this.#blocking.close();
      openPaths.delete(this.#data.store.path);
    }
  }

  async #openReader(): Promise<void> {
    const { store, compression } = this.#data;
    this.#reader = await SharedReader.open(store.path, store, compression);
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }

  #ask(body: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, body }, transferOf(body));
    });
  }

  /** A request whose answer says nothing. */
  #tell(body: Request): void {
    if (!this.#failure) this.#worker.postMessage({ id: 0, body }, transferOf(body));
  }

  #askSync(body: Request): Answer {
    if (this.#failure) throw this.#failure;
    return this.#blocking.ask(body, transferOf(body));
  }

  #settle({ id, body }: Envelope<Answer>): void {
    if (body.kind === 'reopening') {
      void this.#closeReader().then(() => this.#tell({ kind: 'reader-closed' }));
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(body);
  }

  /** Without its thread storage can do nothing; the log goes on until the owner stops. */
  #fail(error: Error): void {
    const message = `the storage thread has ended: ${error.message}`;
    this.#failure ??= new DiskDbError(this.#closing ? 'CLOSED' : 'STORE_FAILED', message, error);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  async #terminate(): Promise<void> {
    this.#closing = true;
    await this.#closeReader();
    this.#blocking.close();
    await this.#worker.terminate();
  }
}

function toRequest(query: RangeQuery): Request {
  const { from, to, reverse = false, maxRecords, maxBytes, snapshot } = query;
  const bounds = packTexts([from, to]);
  return { kind: 'range', bounds, reverse, maxRecords, maxBytes, snapshot: snapshot?.id };
}

function toPackedRange({ from, to, present, absent, snapshot }: CountQuery): PackedRange {
  return {
    bounds: packTexts([from, to]),
    present: packTexts(present),
    absent: packTexts(absent),
    snapshot: snapshot?.id,
  };
}

function toPage(answer: Answer): RangePage {
  const { keys, values, done } = expectAnswer(answer, 'page');
  return { keys: unpackTexts(keys) as string[], values: unpackTexts(values) as string[], done };
}
