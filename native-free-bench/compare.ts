/**
 * The table of the project's promise: redis-benchmark against DiskDB and Debian's redis-server, rounds interleaved, each
 * server on a free port with a fresh directory. `npm run bench:compare -- --sync interval --rounds 5`.
 */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Server, type ServerKind, startServer, subject } from '../test/support/server.js';
import { type CompareOptions, compareProgram } from './compare-options.js';
import {
  type CompareTest,
  compareTests,
  KEYS,
  KEYS_OF_FILL,
  VALUE_BYTES,
} from './compare-tests.js';
import { median } from './report.js';
import { formatTable } from './table.js';

/** Not the blocking one: what the servers say has to be read meanwhile, or they wait. */
const execute = promisify(execFile);

const CLIENTS = 50;
/** Of a fill, which is not measured. */
const FILL_PIPELINE = 64;

/** Requests of a round: each should take about a second. */
const REQUESTS: ReadonlyMap<number, number> = new Map([
  [1, 100_000],
  [16, 400_000],
]);
const REQUESTS_ALWAYS: ReadonlyMap<number, number> = new Map([
  [1, 50_000],
  [16, 200_000],
]);

/** Of each kind, after which V8 has compiled what they go through (measured: INCR takes 69 µs before, and 30 afterwards). */
const WARM_UP_REQUESTS = 100_000;

/** Requests per second of every round, by server, test and pipeline depth. */
type Rates = Map<string, number[]>;

async function main(): Promise<void> {
  const settings = compareProgram().parse().opts<CompareOptions>();
  const kinds: readonly ServerKind[] = [subject(), 'redis'];
  const servers: Server[] = [];
  try {
    for (const kind of kinds) {
      servers.push(await startServer(kind, { sync: settings.sync, cacheSize: settings.cacheSize }));
    }
    for (const server of servers) await preload(server);
    process.stdout.write(formatRates(await measure(servers, settings), settings));
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Writes every key that redis-benchmark may read: a GET of an absent key would measure something else. */
async function preload(server: Server): Promise<void> {
  const main = new URL('./main.js', import.meta.url).pathname;
  const keys = ['--key-range', String(KEYS), '--value-size', String(VALUE_BYTES)];
  const size = ['--requests', '1', '--rounds', '1', '--workload', 'get'];
  await execute(process.execPath, [main, '--servers', `${server.port}`, ...keys, ...size]);
}

async function measure(servers: readonly Server[], settings: CompareOptions): Promise<Rates> {
  const rates: Rates = new Map();
  for (const pipeline of settings.pipeline) {
    await warmUp(servers, pipeline, settings);
    for (let round = 0; round < settings.rounds; round++) {
      const order = round % 2 === 0 ? servers : [...servers].reverse();
      for (const test of settings.tests) {
        for (const server of order) {
          const key = rateKey(servers.indexOf(server), test, pipeline);
          const rate = await measureTest(server, test, requestsOf(pipeline, settings), pipeline);
          rates.set(key, [...(rates.get(key) ?? []), rate]);
        }
      }
      note(`-P ${pipeline}, round ${round + 1} of ${settings.rounds}`);
    }
  }
  return rates;
}

/** V8 compiles meanwhile, beside the server: nothing of it counts. */
async function warmUp(
  servers: readonly Server[],
  pipeline: number,
  { tests }: CompareOptions,
): Promise<void> {
  for (const test of tests) {
    for (const server of servers) await measureTest(server, test, WARM_UP_REQUESTS, pipeline);
  }
  note(`-P ${pipeline}, warm`);
}

function requestsOf(pipeline: number, { sync }: CompareOptions): number {
  const table = sync === 'always' ? REQUESTS_ALWAYS : REQUESTS;
  return table.get(pipeline) ?? 100_000;
}

/** Requests per second. */
async function measureTest(
  server: Server,
  test: string,
  requests: number,
  pipeline: number,
): Promise<number> {
  const { command, removes, fill } = compareTests[test] as CompareTest;
  if (removes !== undefined) await redisCli(server, ['DEL', removes]);
  if (fill !== undefined) {
    await redisBenchmark(server, fill, { requests, pipeline: FILL_PIPELINE, keys: KEYS_OF_FILL });
  }
  const rate = await redisBenchmark(server, command, { requests, pipeline, keys: KEYS });
  if (removes !== undefined) await redisCli(server, ['DEL', removes]);
  return rate;
}

interface Load {
  readonly requests: number;
  readonly pipeline: number;
  readonly keys: number;
}

/** Requests per second. */
async function redisBenchmark(
  server: Server,
  command: readonly string[],
  load: Load,
): Promise<number> {
  const { requests, pipeline, keys } = load;
  const flags = ['-c', CLIENTS, '-r', keys, '-n', requests, '-P', pipeline].map(String);
  const argv = [...placeOf(server), ...flags, '--csv', ...command];
  const { stdout } = await execute('redis-benchmark', argv);
  const rate = /^".*?","([\d.]+)"/m.exec(stdout.slice(stdout.indexOf('\n')))?.[1];
  if (rate === undefined) throw new Error(`redis-benchmark said:\n${stdout}`);
  return Number(rate);
}

async function redisCli(server: Server, command: readonly string[]): Promise<void> {
  await execute('redis-cli', [...placeOf(server), ...command]);
}

function placeOf(server: Server): string[] {
  return ['-h', server.host, '-p', String(server.port)];
}

function formatRates(rates: Rates, settings: CompareOptions): string {
  const header = ['test', '-P', 'DiskDB req/s', 'redis-server req/s', 'ratio'];
  const rows = settings.pipeline.flatMap((pipeline) =>
    settings.tests.map((test) => rateRow(rates, test, pipeline)),
  );
  const heading = `redis-benchmark -c ${CLIENTS} -d ${VALUE_BYTES} -r ${KEYS}, sync ${settings.sync}, median of ${settings.rounds} interleaved rounds`;
  return `${heading}\n\n${formatTable([header, ...rows])}\n`;
}

function rateRow(rates: Rates, test: string, pipeline: number): string[] {
  const ours = median(rates.get(rateKey(0, test, pipeline)) ?? []);
  const theirs = median(rates.get(rateKey(1, test, pipeline)) ?? []);
  const numbers = [ours, theirs].map((rate) => Math.round(rate).toLocaleString('en-US'));
  return [test, String(pipeline), ...numbers, (ours / theirs).toFixed(2)];
}

function rateKey(server: number, test: string, pipeline: number): string {
  return `${server} ${test} ${pipeline}`;
}

function note(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`compare: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
