/**
 * `npm run conformance`: Redis's own test suite against DiskDB, beside the same run against Debian's redis-server.
 * Exit code 0 when every failure is listed in expected.txt and every listed test still fails. A unit of which that is not true has a
 * second try.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Server, type ServerKind, startServer, subject } from '../support/server.js';
import { type Expectation, formatExpectation, parseExpectations } from './expected.js';
import { add } from './outcomes.js';
import { makeReport, type UnitPair } from './report.js';
import { tryAgain } from './second-try.js';
import { runUnit, type ServerHolder, type UnitRun } from './suite-run.js';
import { prepareSuite, REDIS_VERSION } from './suite-source.js';

const CACHE = join(process.cwd(), '.cache', 'conformance');
const EXPECTED = join(process.cwd(), 'test', 'conformance', 'expected.txt');

/** Grows with every issue that brings commands. */
const UNITS = [
  'unit/type/string',
  'unit/type/incr',
  'unit/type/hash',
  'unit/type/list',
  'unit/type/list-2',
  'unit/type/list-3',
  'unit/type/set',
  'unit/type/zset',
  'unit/sort',
  'unit/type/stream',
  'unit/type/stream-cgroups',
  'unit/dump',
  'unit/bitops',
  'unit/bitfield',
  'unit/geo',
  'unit/hyperloglog',
  'unit/expire',
  'unit/keyspace',
  'unit/scan',
  'unit/multi',
  'unit/scripting',
  'unit/functions',
  'unit/protocol',
  'unit/quit',
  'unit/querybuf',
  'unit/info-command',
  'unit/introspection',
  'unit/introspection-2',
  'unit/pause',
  'unit/slowlog',
  'unit/latency-monitor',
  'unit/lazyfree',
  'unit/pubsub',
  'unit/tracking',
] as const;

/** How the suite speaks with servers that it starts itself. */
type Start = 'plain' | 'tls';

/**
 * Units of which the suite starts the servers itself, by a redis.conf: they restart them, read their logs, or need options that
 * are fixed at the start (redis-server.ts). `--start plain` tries others that way.
 */
const STARTED_UNITS: ReadonlyMap<string, Start> = new Map<string, Start>([
  ['unit/other', 'plain'],
  ['unit/auth', 'plain'],
  ['unit/acl', 'plain'],
  ['unit/acl-v2', 'plain'],
  ['unit/obuf-limits', 'plain'],
  ['unit/client-eviction', 'plain'],
  ['unit/maxmemory', 'plain'],
  ['unit/pubsubshard', 'plain'],
  ['unit/limits', 'plain'],
  ['unit/networking', 'plain'],
  ['unit/shutdown', 'plain'],
  ['unit/tls', 'tls'],
]);

const SHIM = join(process.cwd(), '.cache', 'harness', 'test', 'conformance', 'redis-server.js');

/** What stands behind `redis-server` in a unit whose servers the suite starts. */
const COMMANDS: Record<ServerKind, readonly string[]> = {
  redis: ['redis-server'],
  diskdb: [process.execPath, SHIM],
};

/**
 * The suite uses DEBUG, which both servers refuse by default. Redis 7.0 knows no listpack as a form of sets, which
 * 7.2 brought: DiskDB does, unless it is told otherwise.
 */
const ARGUMENTS: Record<ServerKind, readonly string[]> = {
  redis: ['--enable-debug-command', 'yes'],
  diskdb: ['--enable-debug-command', 'yes', '--set-max-listpack-entries', '0'],
};

interface Flags {
  readonly units: readonly string[];
  readonly withReference: boolean;
  readonly printsList: boolean;
  readonly showsDetails: boolean;
  /** The suite starts the servers of every unit. */
  readonly start: Start | undefined;
  /** Further arguments of the server under test. */
  readonly arguments: readonly string[];
}

async function main(): Promise<void> {
  const flags = readFlags();
  const suite = prepareSuite(CACHE);
  const pairs = await runUnits(flags, suite);
  const expectations = readExpectations(flags);
  const alone = (unit: string): Promise<UnitRun> => runOne(ownCandidate(flags, suite), unit);
  const unsteady = await tryAgain(pairs, expectations, alone);
  const report = makeReport(pairs, expectations);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(join(CACHE, 'report.md'), report.markdown);
  writeFileSync(join(CACHE, 'report.txt'), report.text);
  if (flags.showsDetails) printDetails(pairs);
  if (flags.printsList) printList(pairs, expectations);
  process.stdout.write(`Redis ${REDIS_VERSION}'s own tests\n\n${report.text}\n`);
  for (const line of unsteady) process.stdout.write(`~ ${line}\n`);
  process.stdout.write(`${report.passed} passed, ${report.violations.length} failed\n`);
  process.exitCode = report.violations.length === 0 ? 0 : 1;
}

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      unit: { type: 'string', multiple: true },
      'no-reference': { type: 'boolean', default: false },
      details: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      start: { type: 'string' },
      argument: { type: 'string', multiple: true },
    },
  });
  return {
    units: values.unit ?? [...UNITS, ...STARTED_UNITS.keys()],
    withReference: !values['no-reference'],
    printsList: values.list,
    showsDetails: values.details,
    start: values.start === undefined ? undefined : values.start === 'tls' ? 'tls' : 'plain',
    arguments: values.argument ?? [],
  };
}

function readExpectations(flags: Flags): Expectation[] {
  const all = parseExpectations(readFileSync(EXPECTED, 'utf8'));
  return all.filter(({ unit }) => flags.units.includes(unit));
}

/** The two servers side by side: a run waits most of its time for one client. */
async function runUnits(flags: Flags, suite: string): Promise<UnitPair[]> {
  const { units, withReference, start } = flags;
  const reference = { suite, start, kind: 'redis', basePort: 33_211, arguments: [] } as const;
  const [runs, others] = await Promise.all([
    runAll(ownCandidate(flags, suite), units),
    withReference ? runAll(reference, units) : undefined,
  ]);
  return units.map((unit) => pairOf(unit, runs, others));
}

/** One server's run through the suite in `suite`. */
interface Candidate {
  readonly kind: ServerKind;
  readonly suite: string;
  /** Of the suite's own processes. */
  readonly basePort: number;
  readonly start: Start | undefined;
  readonly arguments: readonly string[];
}

function ownCandidate({ start, arguments: further }: Flags, suite: string): Candidate {
  return { suite, start, kind: subject(), basePort: 33_111, arguments: further };
}

async function runAll(
  candidate: Candidate,
  units: readonly string[],
): Promise<Map<string, UnitRun>> {
  const runs = new Map<string, UnitRun>();
  for (const unit of units) {
    if (process.stderr.isTTY) process.stderr.write(`${candidate.kind}: ${unit}\n`);
    runs.set(unit, await runOne(candidate, unit));
  }
  return runs;
}

/** Each unit gets a fresh server: what one leaves behind is no business of the next. */
async function runOne(candidate: Candidate, unit: string): Promise<UnitRun> {
  const started = candidate.start ?? STARTED_UNITS.get(unit);
  if (started !== undefined) {
    const servers = { command: COMMANDS[candidate.kind], tls: started === 'tls' };
    return runUnit(unit, candidate, servers);
  }
  const args = [...ARGUMENTS[candidate.kind], ...candidate.arguments];
  const start = (): Promise<Server> => startServer(candidate.kind, { arguments: args });
  let server = await start();
  const holder: ServerHolder = {
    current: () => server,
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
  try {
    return await runUnit(unit, candidate, holder);
  } finally {
    await server.stop();
  }
}

/** A test that only the reference has passed did not get its turn: that is a failure, not a pass. */
function pairOf(
  unit: string,
  own: Map<string, UnitRun>,
  other: Map<string, UnitRun> | undefined,
): UnitPair {
  const run = own.get(unit);
  if (run === undefined) throw new Error(`${unit} was not run`);
  const reference = other?.get(unit);
  for (const [name, { outcome }] of reference?.results ?? []) {
    if (outcome !== 'ok' || run.results.has(name)) continue;
    add(run.results, name, 'missing', 'the unit did not get there');
  }
  return { unit, subject: run, reference };
}

function printDetails(pairs: readonly UnitPair[]): void {
  for (const { unit, subject: run } of pairs) {
    for (const [test, { outcome, detail }] of run.results) {
      if (outcome !== 'ok') process.stdout.write(`${unit}: ${test}: ${outcome}\n${detail}\n\n`);
    }
  }
}

/** Lines for expected.txt of everything that fails, with the reasons known so far. */
function printList(pairs: readonly UnitPair[], expectations: readonly Expectation[]): void {
  for (const { unit, subject: run } of pairs) {
    for (const [test, { outcome }] of run.results) {
      if (outcome === 'ok') continue;
      const listed = expectations.find((one) => one.unit === unit && one.test === test);
      process.stdout.write(`${formatExpectation(unit, test, listed?.reason ?? 'REASON?')}\n`);
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
