/** One run of random requests over all types, to a server and at the same time to its peer. */

import { seededRandom } from '../../native-free-bench/random.js';
import { decodeReply } from '../support/decode-reply.js';
import type { NextRequests } from './mixed-commands.js';
import { FAMILIES, Parts, type Request } from './mixed-parts.js';
import { CLIENTS, DATABASES, type Peer } from './mixed-peer.js';
import { comparable } from './mixed-replies.js';
import { type ModelClient, ModelServer, type ModelServerOptions } from './model-server.js';

const EXPIRY_MS = 15;
const SHARE_OF_TRANSACTIONS = 0.15;
const SHOWN_REQUESTS = Number(process.env.DISKDB_MODEL_HISTORY ?? 12);
const KEY = new RegExp(`^(\\d:)?(${FAMILIES.join('|')})`);
/** Concern keys that they do not name. */
const WIDE = new Set(['SELECT', 'SWAPDB', 'FLUSHDB', 'FLUSHALL']);

/** How a value of each type is read whole. */
const READERS: Readonly<Record<string, (key: string) => readonly Request[]>> = {
  string: (key) => [['GET', key]],
  list: (key) => [['LRANGE', key, '0', '-1']],
  hash: (key) => [
    ['HGETALL', key],
    ['HLEN', key],
  ],
  set: (key) => [
    ['SMEMBERS', key],
    ['SCARD', key],
  ],
  zset: (key) => [
    ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
    ['ZSCAN', key, '0', 'COUNT', '100000'],
    ['ZCARD', key],
  ],
  stream: (key) => [
    ['XRANGE', key, '-', '+'],
    ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'],
  ],
  'ReJSON-RL': (key) => [['JSON.GET', key]],
  /** It has expired meanwhile. */
  none: () => [],
};

type Options = Pick<ModelServerOptions, 'cacheBytes' | 'maxLogSize' | 'store' | 'compression'>;

export class MixedRun {
  readonly #server: ModelServer;
  readonly #peer: Peer;
  readonly #parts: readonly Parts[];
  /** Of the client that is alone, on the keys of all. */
  readonly #common: Parts;
  readonly #next: NextRequests;
  /** What is asked at once may have to be read at once, which LevelDB in this thread cannot. */
  readonly #transactions: boolean;
  #history: Request[] = [];

  private constructor(server: ModelServer, peer: Peer, next: NextRequests, seed: number) {
    const random = seededRandom(seed);
    const now = (): number => peer.now();
    this.#server = server;
    this.#peer = peer;
    this.#next = next;
    this.#transactions = server.options.store.scanSync !== undefined;
    this.#common = new Parts(random, '', now);
    this.#parts = server.clients.map((_, client) => new Parts(random, `${client}:`, now));
  }

  static async open(
    options: Options,
    peer: Peer,
    next: NextRequests,
    seed: number,
  ): Promise<MixedRun> {
    const shape = { databases: DATABASES, clients: CLIENTS, sync: 'no' } as const;
    const server = await ModelServer.open({ ...options, ...shape, seed });
    return new MixedRun(server, peer, next, seed);
  }

  async play(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      try {
        await this.#step(this.#common.integer(0, 99));
      } catch (error) {
        throw new Error(`step ${step}: ${(error as Error).message}`, { cause: error });
      }
    }
    await this.#compareAll();
    await this.#restart();
    await this.#compareAll();
    const problems = await this.#server.audit();
    if (problems.length > 0) throw new Error(problems.slice(0, SHOWN_REQUESTS).join('\n'));
  }

  async close(): Promise<void> {
    await this.#peer.close();
    await this.#server.close();
  }

  async #step(chance: number): Promise<void> {
    const server = this.#server;
    server.clock.milliseconds = this.#peer.now();
    if (chance < 60) await this.#alone();
    else if (chance < 80) await this.#together();
    else if (chance < 86) await server.fold();
    else if (chance < 93) server.keyspace.residents.evictAll();
    else if (chance < 96) await this.#expireSoon();
    else if (chance < 97) await server.failedFold();
    else if (chance < 98) await this.#kill();
    else if (chance < 99) await this.#restart();
    else await this.#compareAll();
  }

  async #alone(): Promise<void> {
    const client = this.#common.integer(0, CLIENTS - 1);
    await this.#ask(client, this.#pipeline(this.#common, true));
  }

  /** Each client on keys of its own, so that their order among each other does not matter. */
  async #together(): Promise<void> {
    const pipelines = this.#parts.map((parts) => this.#pipeline(parts, false));
    await Promise.all(pipelines.map((requests, client) => this.#ask(client, requests)));
  }

  #pipeline(parts: Parts, alone: boolean): Request[] {
    const requests = Array.from({ length: parts.integer(1, 8) }, () => this.#next(parts, alone));
    if (!this.#transactions || !parts.chance(SHARE_OF_TRANSACTIONS)) return requests.flat();
    return [['MULTI'], ...requests.flat(), parts.chance(0.9) ? ['EXEC'] : ['DISCARD']];
  }

  /** Some keys get a time that then passes, on both sides. */
  async #expireSoon(): Promise<void> {
    const at = String(this.#peer.now() + EXPIRY_MS);
    const keys = new Set(Array.from({ length: 4 }, () => this.#common.any()));
    await this.#ask(
      0,
      [...keys].map((key) => ['PEXPIREAT', key, at]),
    );
    await this.#peer.wait(EXPIRY_MS + 2);
    this.#server.clock.milliseconds = this.#peer.now();
    if (this.#common.chance(0.5)) await this.#expire();
  }

  async #expire(): Promise<void> {
    await Promise.all([this.#server.expire(), this.#peer.expire()]);
  }

  async #kill(): Promise<void> {
    await this.#server.crash(() => true);
    await this.#startedAgain();
  }

  async #restart(): Promise<void> {
    await this.#server.restart(this.#common.chance(0.5));
    await this.#startedAgain();
  }

  async #startedAgain(): Promise<void> {
    for (let client = 0; client < CLIENTS; client++)
      await this.#peer.ask(client, [['SELECT', '0']]);
  }

  /** The replies of both, compared. */
  async #ask(client: number, requests: readonly Request[]): Promise<string[]> {
    const [ours, theirs] = await Promise.all([
      (this.#server.clients[client] as ModelClient).pipeline(requests),
      this.#peer.ask(client, requests),
    ]);
    const queued = requests[0]?.[0] === 'MULTI' ? requests.slice(1) : [];
    for (const [at, request] of requests.entries()) {
      this.#history.push(request);
      const [our, their] = [ours[at] as string, theirs[at] as string];
      if (our === their) continue;
      const [found, wanted] = [our, their].map((reply) => comparable(request, reply, queued)) as [
        string,
        string,
      ];
      if (found !== wanted) throw new Error(this.#difference(request, found, wanted));
    }
    return ours;
  }

  #difference(request: Request, found: string, wanted: string): string {
    const keys = request.slice(1).filter((word) => KEY.test(word));
    const before = this.#history
      .filter((other) => keys.some((key) => other.includes(key)) || WIDE.has(other[0] ?? ''))
      .slice(-SHOWN_REQUESTS)
      .map((other) => `  ${shorten(other.join(' '))}`);
    let from = 0;
    while (found[from] === wanted[from]) from++;
    const around = (text: string): string => text.slice(Math.max(0, from - 60), from + 60);
    return `${shorten(request.join(' '))} answers\n${around(found)}\nand not\n${around(wanted)}\nafter\n${before.join('\n')}`;
  }

  /** Every key of every database, whole. */
  async #compareAll(): Promise<void> {
    this.#server.clock.milliseconds = this.#peer.now();
    await this.#expire();
    for (let index = 0; index < DATABASES; index++) {
      const [, keys, size] = await this.#ask(0, [
        ['SELECT', `${index}`],
        ['KEYS', '*'],
      ]).then(async (replies) => [...replies, await this.#server.clients[0]?.ask(['DBSIZE'])]);
      const names = decodeReply(Buffer.from(keys ?? '', 'latin1')) as readonly string[];
      if (size !== `:${names.length}\r\n`) throw new Error(`DBSIZE ${size}, ${names.length} keys`);
      for (const key of names) await this.#compareKey(key);
    }
  }

  async #compareKey(key: string): Promise<void> {
    const [type = ''] = await this.#ask(0, [
      ['TYPE', key],
      ['PEXPIRETIME', key],
    ]);
    const read = READERS[type.slice(1, -2)];
    if (read === undefined) throw new Error(`nobody reads a value of type ${type}`);
    await this.#ask(0, read(key));
  }
}

function shorten(text: string): string {
  const words = text.replace(/L{50,}/g, 'L…');
  return words.length > 200 ? `${words.slice(0, 200)}… (${text.length})` : words;
}
