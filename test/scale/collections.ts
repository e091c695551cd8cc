/**
 * One collection many times larger than the cache: loaded, read and written at random, read in ranges and whole,
 * and deleted, while another client wants something else. Every value is checked.
 */

import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RespConnection } from '../support/resp-connection.js';
import { type Server, startServer, temporaryDirectory } from '../support/server.js';
import { readItems } from './item-reader.js';
import { type Kind, scoreOf } from './kinds.js';
import { atRandom, CONNECTIONS, every, pipeline } from './pipeline.js';
import { say, Watch } from './watch.js';

export interface CollectionSettings {
  readonly elements: number;
  readonly cacheSize: string;
  /** Elements that are read at random, and written. */
  readonly points: number;
}

const KEY = 'big';
const BATCH = 50;
const RANGE = 100;
const RANGES = 200;
const RANKS = 10;
const RECLAIM_MS = 180_000;

export class CollectionRun {
  wrong = 0;
  readonly #kind: Kind;
  readonly #settings: CollectionSettings;
  readonly #versions: Uint8Array;
  #server!: Server;
  #watch!: Watch;

  constructor(kind: Kind, settings: CollectionSettings) {
    this.#kind = kind;
    this.#settings = settings;
    this.#versions = new Uint8Array(settings.elements);
  }

  /** Returns the most memory that was taken, in MiB. */
  async run(): Promise<number> {
    const { elements, cacheSize } = this.#settings;
    say(`\n${this.#kind.name} of ${elements} elements, cache_size ${cacheSize}`);
    const dir = temporaryDirectory('scale');
    this.#server = await startServer('diskdb', { dir, cacheSize });
    this.#watch = await Watch.open(this.#server);
    try {
      await this.#load();
      await this.#readPoints('cold');
      await this.#writePoints();
      await this.#readPoints('written');
      await this.#readRanges();
      await this.#readRanks();
      await this.#scan();
      for (const command of this.#kind.all) await this.#readAll(command);
      await this.#readSlowly();
      for (const command of this.#kind.refused) await this.#refuse(command);
      await this.#delete(dir);
      return this.#watch.peak;
    } finally {
      await this.#watch.close();
      await this.#server.stop();
    }
  }

  #rate(count: number, seconds: number): void {
    say(`    ${Math.round(count / seconds)} a second`);
  }

  #check(isRight: boolean, what: string): void {
    if (isRight) return;
    this.wrong++;
    if (this.wrong <= 20) say(`    WRONG: ${what}`);
  }

  async #load(): Promise<void> {
    const { elements } = this.#settings;
    const { add, isOrdered = false, isSingle = false } = this.#kind;
    const batch = isSingle ? 1 : BATCH;
    const connections = isOrdered ? 1 : CONNECTIONS;
    const seconds = await this.#watch.step('load', async () => {
      const clients = Array.from({ length: connections }, (_, client) =>
        pipeline(
          this.#server.port,
          every(connections, client, Math.ceil(elements / batch)),
          (at) => {
            const first = at * batch;
            const count = Math.min(batch, elements - first);
            const added = Array.from({ length: count }, (__, i) => add.element(first + i));
            return [add.command, KEY, ...added.flat()];
          },
          (_at, reply) => this.#check(!reply.startsWith('-'), reply),
          isSingle ? 256 : 8,
        ),
      );
      await Promise.all(clients);
    });
    this.#rate(elements, seconds);
  }

  async #readPoints(name: string): Promise<void> {
    const { elements, points } = this.#settings;
    const { read, expected } = this.#kind;
    const seconds = await this.#watch.step(`${points} reads at random, ${name}`, async () => {
      const clients = Array.from({ length: CONNECTIONS }, (_, client) =>
        pipeline(
          this.#server.port,
          atRandom(points / CONNECTIONS, client + 1, elements),
          read,
          (i, reply) =>
            this.#check(reply === expected(i, this.#versions[i] as number), `${i}: ${reply}`),
        ),
      );
      await Promise.all(clients);
    });
    this.#rate(points, seconds);
  }

  async #writePoints(): Promise<void> {
    const { elements, points } = this.#settings;
    const { write } = this.#kind;
    if (write === undefined) return;
    const seconds = await this.#watch.step(`${points} writes at random`, () =>
      pipeline(
        this.#server.port,
        atRandom(points, 77, elements),
        (i) => {
          this.#versions[i] = ((this.#versions[i] as number) + 1) % 200;
          return write(i, this.#versions[i] as number);
        },
        (i, reply) => this.#check(!reply.startsWith('-'), `${i}: ${reply}`),
      ),
    );
    this.#rate(points, seconds);
  }

  async #readRanges(): Promise<void> {
    const { range } = this.#kind;
    if (range === undefined) return;
    const { elements } = this.#settings;
    const seconds = await this.#watch.step(`${RANGES} ranges of ${RANGE}`, async () => {
      for (const i of atRandom(RANGES, 5, elements - RANGE)) {
        const seen = await this.#readElements(range(i, RANGE));
        this.#check(seen > 0 && seen <= RANGE, `a range of ${seen} elements from ${i}`);
      }
    });
    this.#rate(RANGES, seconds);
  }

  /** Reads elements in a reply and checks them; returns how many. */
  async #readElements(command: readonly string[], seen?: Uint8Array): Promise<number> {
    const read = this.#kind.reader();
    let count = 0;
    await readItems(this.#server.port, command, (item) => {
      const found = read(item);
      if (found === undefined) return;
      count++;
      const { i, version } = found;
      this.#check(version === String(this.#versions[i]), `${command[0]} ${i}: ${item}`);
      if (seen === undefined) return;
      this.#check(seen[i] === 0, `${command[0]} ${i} twice`);
      seen[i] = 1;
    });
    return count;
  }

  /** What a sorted set says of ranks and counts, compared with a count of all scores here. */
  async #readRanks(): Promise<void> {
    if (this.#kind.name !== 'zset') return;
    const { elements } = this.#settings;
    const connection = await RespConnection.open(this.#server.port);
    const answer = async (...args: string[]): Promise<number> =>
      Number((await connection.send(...args)).toString('latin1').slice(1));
    for (const [n, i] of [...atRandom(RANKS, 9, elements)].entries()) {
      const score = scoreOf(i, this.#versions[i] as number);
      let below = 0;
      for (let j = 0; j < elements; j++)
        if (scoreOf(j, this.#versions[j] as number) < score) below++;
      const share = ((below * 100) / elements).toFixed(0);
      await this.#watch.step(`ZRANK at ${share} %`, async () => {
        const rank = await answer(n % 2 ? 'ZRANK' : 'ZREVRANK', KEY, `member:${i}`);
        const expected = n % 2 ? below : elements - 1 - below;
        this.#check(rank === expected, `rank of ${i}: ${rank}, not ${expected}`);
      });
      if (n >= 2) continue;
      await this.#watch.step(`ZCOUNT at ${share} %`, async () => {
        const count = await answer('ZCOUNT', KEY, '-inf', `(${score}`);
        this.#check(count === below, `count below ${i}: ${count}, not ${below}`);
      });
      await this.#watch.step(`ZRANGE of ${RANGE} at ${share} %`, async () => {
        const range = ['ZRANGE', KEY, String(below), String(below + RANGE - 1), 'WITHSCORES'];
        const count = await this.#readElements(range);
        this.#check(count === Math.min(RANGE, elements - below), `${count} elements by rank`);
      });
    }
    connection.close();
  }

  async #scan(): Promise<void> {
    const { scan } = this.#kind;
    if (scan === undefined) return;
    const { elements } = this.#settings;
    const seen = new Uint8Array(elements);
    const read = this.#kind.reader();
    const connection = await RespConnection.open(this.#server.port);
    const seconds = await this.#watch.step(`${scan} through it all`, async () => {
      let cursor = '0';
      do {
        const reply = (await connection.send(scan, KEY, cursor, 'COUNT', '1000')).toString(
          'latin1',
        );
        const items = reply.split('\r\n');
        cursor = items[2] as string;
        // *2, $n, cursor, *n, then each element with its length before it.
        for (let at = 5; at < items.length; at += 2) {
          const found = read(items[at] as string);
          if (found === undefined) continue;
          this.#check(found.version === String(this.#versions[found.i]), `${scan} ${items[at]}`);
          seen[found.i] = 1;
        }
      } while (cursor !== '0');
    });
    connection.close();
    this.#check(!seen.includes(0), `${scan} left something out`);
    this.#rate(elements, seconds);
  }

  async #readAll(command: readonly string[]): Promise<void> {
    const { elements } = this.#settings;
    const seen = new Uint8Array(elements);
    const seconds = await this.#watch.step(command.join(' '), async () => {
      const count = await this.#readElements(command, seen);
      this.#check(count === elements, `${count} elements`);
    });
    this.#rate(elements, seconds);
  }

  /** Clients that ask for all and do not read cost no memory; nor do those that leave. */
  async #readSlowly(): Promise<void> {
    const [command] = this.#kind.all;
    await this.#watch.step('10 clients that ask for all and do not read', async () => {
      const request = `${(command as readonly string[]).join(' ')}\r\n`;
      const sockets = Array.from({ length: 10 }, () => {
        const socket = connect({ host: '127.0.0.1', port: this.#server.port }).pause();
        socket.write(request);
        return socket;
      });
      await sleep(3_000);
      for (const socket of sockets) socket.destroy();
      await sleep(500);
    });
  }

  async #refuse(command: readonly string[]): Promise<void> {
    const connection = await RespConnection.open(this.#server.port);
    await this.#watch.step(command.join(' '), async () => {
      const reply = (await connection.send(...command)).toString('latin1').trim();
      say(`    ${reply.slice(0, 160)}`);
    });
    connection.close();
  }

  async #delete(dir: string): Promise<void> {
    const connection = await RespConnection.open(this.#server.port);
    const before = sizeOf(join(dir, 'store'));
    await this.#watch.step('DEL', async () => {
      const reply = (await connection.send('DEL', KEY)).toString('latin1');
      this.#check(reply === ':1\r\n', reply);
    });
    await this.#watch.step('space given back', async () => {
      await connection.send('SAVE');
      const deadline = performance.now() + RECLAIM_MS;
      while (sizeOf(join(dir, 'store')) > before / 10 && performance.now() < deadline)
        await sleep(500);
    });
    const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
    say(
      `    ${megabytes(before)} MiB on disk before, ${megabytes(sizeOf(join(dir, 'store')))} MiB after`,
    );
    connection.close();
  }
}

/** Bytes of all files below the directory; files come and go meanwhile. */
function sizeOf(dir: string): number {
  let bytes = 0;
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    const stat = statSync(join(dir, name), { throwIfNoEntry: false });
    if (stat?.isFile()) bytes += stat.size;
  }
  return bytes;
}
