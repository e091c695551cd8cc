/**
 * Random commands against a model, with a cache far too small, folds, evictions, kills and power cuts thrown in.
 * The same steps under other options (cache, store, sync) must get the same replies.
 *
 * SEED=n begins with that seed, DISKDB_MODEL_ROUNDS=n runs more of them, DISKDB_MODEL_STEPS=n longer ones.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LeveldbStore } from '../../src/storage/store/leveldb-store.js';
import { MemoryStore } from '../../src/storage/store/memory-store.js';
import type { Store } from '../../src/storage/store/store.js';
import { seed as firstSeed } from '../support/seed.js';
import { ModelServer, type ModelServerOptions, nextTurn } from './model-server.js';
import { CLIENTS, DATABASES, type Step, StepGenerator } from './step-generator.js';
import {
  type Expected,
  type ModelDatabase,
  pictureOf,
  StringModel,
  type Value,
} from './string-model.js';

const ROUNDS = Number(process.env.DISKDB_MODEL_ROUNDS ?? 4);
const STEPS = Number(process.env.DISKDB_MODEL_STEPS ?? 250);

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

function leveldb(): Store {
  const directory = mkdtempSync(join(tmpdir(), 'diskdb-model-'));
  directories.push(directory);
  return new LeveldbStore(directory, { writeBufferBytes: 1 << 20, blockCacheBytes: 1 << 20 });
}

type Options = Omit<ModelServerOptions, 'databases' | 'clients' | 'seed'>;

const VARIANTS: Readonly<Record<string, () => Options>> = {
  'a tiny cache': () => ({
    cacheBytes: 300_000,
    maxLogSize: 400_000,
    sync: 'no',
    store: new MemoryStore(),
    compression: 'none',
  }),
  'a tiny cache, always synced': () => ({
    cacheBytes: 200_000,
    maxLogSize: 1_000_000,
    sync: 'always',
    store: new MemoryStore(),
    compression: 'snappy',
  }),
  'a tiny cache, without a write-ahead log': () => ({
    cacheBytes: 300_000,
    maxLogSize: 1_000_000,
    sync: 'no',
    walEnabled: false,
    store: new MemoryStore(),
    compression: 'none',
  }),
  'all in memory, synced by the same thread': () => ({
    cacheBytes: 1 << 30,
    maxLogSize: 1 << 30,
    sync: 'always',
    blockingSyncMsMax: 1,
    store: new MemoryStore(),
    compression: 'none',
  }),
  'LevelDB, a tiny cache': () => ({
    cacheBytes: 250_000,
    maxLogSize: 300_000,
    sync: 'no',
    store: leveldb(),
    compression: 'lz4',
  }),
};

interface Past {
  readonly lsn: number;
  readonly databases: ModelDatabase[];
}

/** One run: a server, its model, and what of its past a power cut may bring back. */
class Run {
  readonly server: ModelServer;
  model: StringModel;
  readonly generator: StepGenerator;
  /** The replies, for comparison with other runs of the same seed. */
  readonly replies: string[] = [];
  /** States that a power cut may bring back, oldest first: the last that is surely on the disk, and all since. */
  #past: Past[] = [];
  /** Some keys may have expired and still be counted. */
  #mayCountExpired = false;

  private constructor(server: ModelServer, seed: number) {
    this.server = server;
    this.model = new StringModel(DATABASES, CLIENTS, server.clock.now());
    this.generator = new StepGenerator(seed, server.clock.now());
  }

  static async open(options: Options, seed: number): Promise<Run> {
    const whole = { ...options, databases: DATABASES, clients: CLIENTS, seed };
    const run = new Run(await ModelServer.open(whole), seed);
    run.#remember(); // nothing is a state, too
    return run;
  }

  /** `mayLose`: what was not acknowledged, or not synced, may be lost, which is a matter of chance. */
  async play(steps: number, mayLose: boolean): Promise<void> {
    for (let i = 0; i < steps; i++) {
      const step = this.generator.next(this.server.clock.now());
      try {
        await this.#step(step, mayLose);
      } catch (error) {
        throw new Error(`step ${i} (${describe(step)}): ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
    await this.server.expire();
    this.#mayCountExpired = false;
    await this.#checkAll();
    await this.server.restart(true);
    await this.#checkAll();
    expect(await this.server.audit()).toEqual([]);
    await this.server.close();
  }

  async #step(step: Step, mayLose: boolean): Promise<void> {
    const { server, model } = this;
    switch (step.kind) {
      case 'commands':
        await this.#commands(step.client, step.commands);
        break;
      case 'together':
        await this.#together(step.pipelines);
        break;
      case 'fold':
        await server.fold();
        break;
      case 'failed fold':
        await server.failedFold();
        this.#mayCountExpired = true;
        break;
      case 'evict':
        server.keyspace.residents.evictAll();
        break;
      case 'wait':
        server.clock.milliseconds += step.milliseconds;
        this.#mayCountExpired = true;
        break;
      case 'expire':
        await server.expire();
        this.#mayCountExpired = false;
        break;
      case 'stop':
        await server.restart(this.generator.integer(2) === 0);
        model.selected.fill(0);
        await this.#checkAll();
        break;
      case 'kill':
        await this.#kill(mayLose);
        break;
      case 'power cut':
        if (mayLose) await this.#powerCut();
        else await this.#kill(mayLose);
        break;
      case 'crash under way':
        if (mayLose) await this.#crashUnderWay(step);
        else {
          await this.#commands(step.client, step.commands);
          await this.#kill(mayLose);
        }
        break;
    }
    model.now = server.clock.now();
  }

  async #commands(client: number, commands: readonly (readonly string[])[]): Promise<void> {
    const { server, model } = this;
    model.now = server.clock.now();
    const expected = commands.map((args) => {
      const reply = model.apply(client, args);
      this.#past.push({ lsn: Number.POSITIVE_INFINITY, databases: model.copyDatabases() });
      return reply;
    });
    const connection = server.clients[client];
    if (connection === undefined) throw new Error('no client');
    const replies = await connection.pipeline(commands);
    commands.forEach((args, i) => {
      this.#compare(args, replies[i] as string, expected[i]);
    });
    this.#remember();
  }

  /** Each client on its own keys of its own database, so that their order among each other does not matter. */
  async #together(pipelines: readonly (readonly (readonly string[])[])[]): Promise<void> {
    const { server, model } = this;
    model.now = server.clock.now();
    const expected = pipelines.map((commands, client) =>
      commands.map((args) => model.apply(client, args)),
    );
    const replies = await Promise.all(
      pipelines.map((commands, client) => server.clients[client]?.pipeline(commands)),
    );
    pipelines.forEach((commands, client) => {
      commands.forEach((args, i) => {
        this.#compare(args, replies[client]?.[i] as string, expected[client]?.[i]);
      });
    });
    // A power cut could bring back any mixture of what the clients had done: not so from here on.
    if (this.#hasLog) await server.keyspace.storage.log.sync();
    else await server.fold();
    this.#remember();
  }

  #compare(args: readonly string[], reply: string, expected: Expected | undefined): void {
    if (args[0] === 'DBSIZE' && this.#mayCountExpired) return;
    if (typeof expected === 'function') {
      if (!expected(reply)) throw new Error(`${short(args)} answers ${short([reply])}`);
      this.replies.push('checked');
      return;
    }
    this.replies.push(reply);
    if (reply === expected) return;
    throw new Error(`${short(args)} answers ${short([reply])}, not ${short([expected ?? ''])}`);
  }

  /** Of what was not synced before this point, a power cut may bring back any state since. */
  #remember(): void {
    const { log } = this.server.keyspace.storage;
    this.#past.push({ lsn: log.writtenLsn, databases: this.model.copyDatabases() });
    const certain = this.#past.findLastIndex(({ lsn }) => lsn <= log.syncedLsn);
    if (certain > 0) this.#past.splice(0, certain);
  }

  get #hasLog(): boolean {
    return this.server.options.walEnabled ?? true;
  }

  /** kill -9: the system has everything that was written; without a log that is the last checkpoint. */
  async #kill(mayLose: boolean): Promise<void> {
    if (!this.#hasLog && !mayLose) await this.server.fold();
    await this.server.crash(() => true);
    this.model.selected.fill(0);
    if (this.#hasLog || !mayLose) await this.#checkAll();
    else await this.#settleOn(this.#past);
  }

  /** What was not synced may be lost, from some write on, and that one may be torn. */
  async #powerCut(): Promise<void> {
    await this.server.quiet();
    this.#remember();
    await this.server.crash(this.#losing());
    this.model.selected.fill(0);
    await this.#settleOn(this.#past);
  }

  #losing(): (operation: { sequence: number; bytes: number }) => boolean | number {
    const { generator, server } = this;
    const unsynced = server.files.unsynced();
    const last = unsynced[generator.integer(unsynced.length + 1)]?.sequence;
    const torn = generator.integer(2) === 0;
    return ({ sequence, bytes }) => {
      if (last === undefined || sequence < last) return true;
      return sequence === last && torn ? generator.integer(bytes + 1) : false;
    };
  }

  async #crashUnderWay(step: Extract<Step, { kind: 'crash under way' }>): Promise<void> {
    const { server, model } = this;
    model.now = server.clock.now();
    const states: Past[] = [{ lsn: 0, databases: model.copyDatabases() }];
    for (const args of step.commands) {
      model.apply(step.client, args);
      states.push({ lsn: 0, databases: model.copyDatabases() });
    }
    let acknowledged = 0;
    const connection = server.clients[step.client];
    void connection?.pipeline(step.commands, () => acknowledged++);
    for (let i = 0; i < step.turns; i++) await nextTurn();
    const certain = acknowledged;
    if (step.how === 'kill' && this.#hasLog) {
      await server.crash(() => true);
      model.selected.fill(0);
      await this.#settleOn(states.slice(certain));
      return;
    }
    const always = server.options.sync === 'always';
    await server.crash(step.how === 'kill' ? () => true : this.#losing());
    model.selected.fill(0);
    await this.#settleOn(always ? states.slice(certain) : [...this.#past, ...states]);
  }

  /** The server must be in one of the states; the model goes on from there. */
  async #settleOn(states: readonly Past[]): Promise<void> {
    const found = await this.#dump();
    const picture = pictureOf(found);
    for (let i = states.length - 1; i >= 0; i--) {
      this.model.databases = (states[i] as Past).databases.map((db) => new Map(db));
      if (this.model.picture() === picture) {
        this.#past = [];
        this.#remember();
        return;
      }
    }
    throw new Error(
      `after the crash it holds none of ${states.length} states:\n${short([picture])}`,
    );
  }

  async #checkAll(): Promise<void> {
    const found = pictureOf(await this.#dump());
    const expected = this.model.picture();
    if (found !== expected) {
      throw new Error(`it holds\n${short([found])}\nand not\n${short([expected])}`);
    }
    this.#past = [];
    this.#remember();
  }

  /** Everything, as clients see it; on the way, DBSIZE and SCAN must agree. */
  async #dump(): Promise<ModelDatabase[]> {
    const { server } = this;
    await server.expire();
    this.#mayCountExpired = false;
    this.model.now = server.clock.now();
    const databases: ModelDatabase[] = [];
    for (let index = 0; index < DATABASES; index++) databases.push(await this.#dumpOne(index));
    await server.clients[0]?.ask(['SELECT', '0']);
    return databases;
  }

  async #dumpOne(index: number): Promise<ModelDatabase> {
    const [client] = this.server.clients;
    if (client === undefined) throw new Error('no client');
    await client.ask(['SELECT', `${index}`]);
    const keys: string[] = [];
    let cursor = '0';
    do {
      const [next = '', ...page] = bulksOf(await client.ask(['SCAN', cursor, 'COUNT', '5']));
      keys.push(...page);
      cursor = next;
    } while (cursor !== '0');
    if (new Set(keys).size !== keys.length) throw new Error('SCAN returns a key twice');
    const size = await client.ask(['DBSIZE']);
    if (size !== `:${keys.length}\r\n`) throw new Error(`DBSIZE ${size} but ${keys.length} keys`);
    const db = new Map<string, Value>();
    for (const key of keys) {
      const [text] = bulksOf(await client.ask(['GET', key]));
      if (text === undefined) throw new Error(`no value at ${short([key])}`);
      const at = Number((await client.ask(['PEXPIRETIME', key])).slice(1, -2));
      db.set(key, { text, expireAt: Math.max(0, at) });
    }
    return db;
  }
}

/** The bulk strings of a reply, nested arrays laid flat. */
function bulksOf(reply: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < reply.length; ) {
    const lineEnd = reply.indexOf('\r\n', at);
    const length = Number(reply.slice(at + 1, lineEnd));
    const type = reply[at];
    at = lineEnd + 2;
    if (type !== '$' || length < 0) continue;
    found.push(reply.slice(at, at + length));
    at += length + 2;
  }
  return found;
}

function short(parts: readonly string[]): string {
  const text = parts.map((part) => {
    return part.length > 60 ? `${part.slice(0, 40)}…(${part.length})…${part.slice(-20)}` : part;
  });
  return JSON.stringify(text.join(' '));
}

function describe(step: Step): string {
  const commands = 'commands' in step ? step.commands.map((args) => short(args)).join(', ') : '';
  return `${step.kind} ${commands}`;
}

const seeds = Array.from({ length: ROUNDS }, (_, i) => firstSeed + i);

for (const [name, options] of Object.entries(VARIANTS)) {
  test.each(seeds)(
    `${name}: seed %i`,
    async (seed) => {
      const run = await Run.open(options(), seed);
      await run.play(STEPS, true);
      expect(run.replies.length).toBeGreaterThan(0);
    },
    600_000,
  );
}

test.each(seeds)(
  'the same steps get the same replies whatever the options: seed %i',
  async (seed) => {
    const replies: string[][] = [];
    for (const options of Object.values(VARIANTS)) {
      const run = await Run.open(options(), seed + 1_000_000);
      await run.play(STEPS / 2, false);
      replies.push(run.replies);
    }
    for (const other of replies) expect(other).toEqual(replies[0]);
  },
  600_000,
);
