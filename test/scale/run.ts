/**
 * `npm run scale`: a dataset many times larger than the cache. Loads it, kills the server, restarts it, reads it
 * at random, compares every value read with what was written, and watches the memory of the process (RssAnon:
 * mapped files are the kernel's cache). The exit code is 1 if a value is wrong or a bound is passed.
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../native-free-bench/random.js';
import { encodeCommand, RespConnection } from '../support/resp-connection.js';
import { type Server, startServer, temporaryDirectory } from '../support/server.js';

const CONNECTIONS = 8;
const PIPELINE = 64;
const SAMPLE_MS = 200;
const OPTIONS = {
  keys: { type: 'string', default: '2000000' },
  'value-size': { type: 'string', default: '512' },
  'cache-size': { type: 'string', default: '64MB' },
  reads: { type: 'string', default: '500000' },
  'memory-max': { type: 'string', default: '400' },
  'ready-max': { type: 'string', default: '5000' },
} as const;

interface Settings {
  readonly keys: number;
  readonly valueSize: number;
  readonly cacheSize: string;
  readonly reads: number;
  /** MiB. */
  readonly memoryMax: number;
  /** Milliseconds. */
  readonly readyMax: number;
}

function readSettings(): Settings {
  const { values } = parseArgs({ options: OPTIONS });
  return {
    keys: Number(values.keys),
    valueSize: Number(values['value-size']),
    cacheSize: values['cache-size'],
    reads: Number(values.reads),
    memoryMax: Number(values['memory-max']),
    readyMax: Number(values['ready-max']),
  };
}

function keyOf(index: number): string {
  return `key:${String(index).padStart(12, '0')}`;
}

/** Every value is another one, and none compresses to nothing. */
function textOf(index: number, size: number): string {
  const random = seededRandom(index + 1);
  const word = Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32).toString(36)).join(
    '',
  );
  return `${index}:${word}`.repeat(Math.ceil(size / word.length)).slice(0, size);
}

/** Anonymous memory of the process, in MiB. */
function anonymousMemory(pid: number): number {
  const line = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

/** Runs `work` and tells how long it took and how much memory the server had at most. */
async function watch(server: Server, name: string, work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, anonymousMemory(server.pid));
  }, SAMPLE_MS);
  const startedAt = performance.now();
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  say(`${name}: ${seconds.toFixed(1)} s, RssAnon at most ${peak.toFixed(0)} MiB`);
  return peak;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Sends the commands of the given indexes in pipelines and hands each reply to `check`. */
async function pipeline(
  port: number,
  indexes: Iterable<number>,
  command: (index: number) => string[],
  check: (index: number, reply: string) => void,
): Promise<void> {
  const connection = await RespConnection.open(port);
  const flush = async (batch: readonly number[]): Promise<void> => {
    connection.write(Buffer.concat(batch.map((index) => encodeCommand(command(index)))));
    for (const index of batch) check(index, (await connection.read()).toString('latin1'));
  };
  let batch: number[] = [];
  for (const index of indexes) {
    batch.push(index);
    if (batch.length < PIPELINE) continue;
    await flush(batch);
    batch = [];
  }
  await flush(batch);
  connection.close();
}

function* every(step: number, start: number, end: number): Generator<number> {
  for (let index = start; index < end; index += step) yield index;
}

function* atRandom(count: number, seed: number, keys: number): Generator<number> {
  const random = seededRandom(seed);
  for (let i = 0; i < count; i++) yield Math.floor(random() * keys);
}

async function load(port: number, { keys, valueSize }: Settings): Promise<void> {
  const clients = Array.from({ length: CONNECTIONS }, (_, client) =>
    pipeline(
      port,
      every(CONNECTIONS, client, keys),
      (index) => ['SET', keyOf(index), textOf(index, valueSize)],
      (index, reply) => {
        if (reply !== '+OK\r\n') throw new Error(`SET ${keyOf(index)}: ${reply}`);
      },
    ),
  );
  await Promise.all(clients);
}

async function read(port: number, { keys, valueSize, reads }: Settings): Promise<number> {
  let wrong = 0;
  const clients = Array.from({ length: CONNECTIONS }, (_, client) =>
    pipeline(
      port,
      atRandom(reads / CONNECTIONS, client + 1, keys),
      (index) => ['GET', keyOf(index)],
      (index, reply) => {
        if (reply !== `$${valueSize}\r\n${textOf(index, valueSize)}\r\n`) wrong++;
      },
    ),
  );
  await Promise.all(clients);
  return wrong;
}

async function main(): Promise<number> {
  const settings = readSettings();
  const dir = temporaryDirectory('scale');
  const { cacheSize } = settings;
  say(`${settings.keys} keys of ${settings.valueSize} bytes, cache_size ${cacheSize}`);
  let server = await startServer('diskdb', { dir, cacheSize });
  const loading = await watch(server, 'load', () => load(server.port, settings));
  await server.kill();
  const startedAt = performance.now();
  server = await startServer('diskdb', { dir, cacheSize });
  const ready = performance.now() - startedAt;
  say(`ready again ${(ready / 1000).toFixed(1)} s after kill -9`);
  let wrong = 0;
  const reading = await watch(server, `${settings.reads} random reads`, async () => {
    wrong = await read(server.port, settings);
  });
  await server.stop();
  say(`${wrong} values are wrong`);
  const isBounded = Math.max(loading, reading) <= settings.memoryMax;
  if (!isBounded) say(`the memory is above ${settings.memoryMax} MiB`);
  if (ready > settings.readyMax) say(`the start took longer than ${settings.readyMax} ms`);
  return wrong === 0 && isBounded && ready <= settings.readyMax ? 0 : 1;
}

process.exitCode = await main();
