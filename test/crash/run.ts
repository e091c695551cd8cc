/**
 * `npm run crash -- --rounds 50 --seed N`: kills the server under load and checks after each restart that every acknowledged
 * write is there and nothing is half there. With `--planted-bug` the server loses one write of its log, and the exit code is 0
 * only if that is noticed.
 */

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../native-free-bench/random.js';
import { checkDirectory } from '../../src/storage/tools/check.js';
import {
  type Server,
  type ServerOptions,
  type SyncPolicy,
  startServer,
  subject,
  temporaryDirectory,
} from '../support/server.js';
import { makeGenerator } from './generator.js';
import { LoadClient } from './load-client.js';
import { verify } from './verify.js';

const POLICIES: readonly SyncPolicy[] = ['always', 'interval', 'no'];
const CLIENTS = 20;
const LEAST_LOAD_MS = 200;
const MOST_LOAD_MS = 1500;
/** After so many rounds the next one begins with an empty directory. */
const ROUNDS_PER_DIRECTORY = 10;
const SHARE_KILLED_IN_RECOVERY = 0.25;
const MOST_RECOVERY_MS = 600;
/** Small enough that folds and evictions happen in every round. */
const LIMITS = { cacheSize: '16MB', maxLogSize: '4MB' } as const;
/** What the last kill left behind, as it was before the restart: for whoever looks for the reason. */
const LEFT_BEHIND = join(process.cwd(), '.cache', 'crash');
const SHOWN_VIOLATIONS = 6;
const PLANTED_BUG = join(process.cwd(), 'test', 'crash', 'skip-one-write.mjs');

interface Settings {
  readonly rounds: number;
  readonly seed: number;
  readonly plantedBug: boolean;
}

/** A directory with the clients whose keys it holds. */
interface History {
  readonly dir: string;
  readonly clients: readonly LoadClient[];
}

async function main(): Promise<void> {
  const settings = readSettings();
  const hint = `npm run crash -- --rounds ${settings.rounds} --seed ${settings.seed}`;
  process.stdout.write(`crash loop, seed ${settings.seed} (${hint})\n`);
  const { done, violations } = await runRounds(settings);
  printViolations(violations);
  if (settings.plantedBug) {
    const noticed = violations.length > 0;
    process.stdout.write(
      noticed ? 'the planted bug was noticed\n' : 'the planted bug was MISSED\n',
    );
    process.exitCode = noticed ? 0 : 1;
    return;
  }
  const failed = violations.length > 0 ? 1 : 0;
  process.stdout.write(`${done - failed} passed, ${failed} failed\n`);
  process.exitCode = failed;
}

function printViolations(violations: readonly string[]): void {
  for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) {
    process.stdout.write(`VIOLATION ${violation}\n`);
  }
  const hidden = violations.length - SHOWN_VIOLATIONS;
  if (hidden > 0) process.stdout.write(`… and ${hidden} more\n`);
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      'planted-bug': { type: 'boolean', default: false },
    },
  });
  const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
  if (!(rounds >= 1) || !Number.isInteger(seed)) throw new Error('--rounds and --seed are numbers');
  return { rounds, seed, plantedBug: values['planted-bug'] };
}

/** Stops at the first round with a violation: what follows would only repeat it. */
async function runRounds(settings: Settings): Promise<{ done: number; violations: string[] }> {
  const random = seededRandom(settings.seed);
  let history = emptyHistory(random);
  for (let round = 0; round < settings.rounds; round++) {
    if (round > 0 && round % ROUNDS_PER_DIRECTORY === 0) history = emptyHistory(random);
    const violations = await runRound(round, history, settings, random);
    if (violations.length > 0) return { done: round + 1, violations };
  }
  return { done: settings.rounds, violations: [] };
}

function emptyHistory(random: () => number): History {
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const own = seededRandom(Math.floor(random() * 2 ** 31));
    return new LoadClient(makeGenerator(index, own, subject() === 'diskdb'), own);
  });
  return { dir: temporaryDirectory('crash'), clients };
}

async function runRound(
  round: number,
  history: History,
  settings: Settings,
  random: () => number,
): Promise<string[]> {
  const sync = POLICIES[round % POLICIES.length] as SyncPolicy;
  const loadMs = LEAST_LOAD_MS + Math.floor(random() * (MOST_LOAD_MS - LEAST_LOAD_MS));
  const options = { ...LIMITS, dir: history.dir, sync };
  const planted = settings.plantedBug ? plantBug(random) : {};
  const before = acknowledgedOf(history);
  const wrongReplies = await loadAndKill({ ...options, ...planted }, history, loadMs);
  if (random() < SHARE_KILLED_IN_RECOVERY) {
    await killInRecovery(options, Math.floor(random() * MOST_RECOVERY_MS));
  }
  keepLeftBehind(history.dir);
  const damage = await checkLeftBehind();
  const started = Date.now();
  const found = await restartAndVerify(options, history);
  const violations = [...wrongReplies, ...damage, ...found];
  const count = acknowledgedOf(history) - before;
  process.stdout.write(
    `round ${round + 1}: sync ${sync}, killed after ${loadMs} ms and ${count} acknowledged commands, ` +
      `restarted and verified in ${Date.now() - started} ms\n`,
  );
  return violations.map((text) => `in round ${round + 1}, sync ${sync}: ${text}`);
}

/** The server reads from its environment which write it is to lose: one that a short load reaches. */
function plantBug(random: () => number): ServerOptions {
  process.env.HARNESS_SKIP_WRITE = String(20 + Math.floor(random() * 60));
  return { preload: PLANTED_BUG };
}

function keepLeftBehind(dir: string): void {
  rmSync(LEFT_BEHIND, { recursive: true, force: true });
  cpSync(dir, LEFT_BEHIND, { recursive: true });
}

/** A kill may leave a torn tail, and nothing that needs repair. */
async function checkLeftBehind(): Promise<string[]> {
  if (subject() === 'redis') return [];
  const copy = `${LEFT_BEHIND}-checked`;
  cpSync(LEFT_BEHIND, copy, { recursive: true });
  try {
    const { needsRepair, problems } = await checkDirectory({ directory: copy });
    return needsRepair ? problems.map(({ where, what }) => `check: ${where}: ${what}`) : [];
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function acknowledgedOf(history: History): number {
  return history.clients.reduce((sum, client) => sum + client.acknowledgedCount, 0);
}

async function loadAndKill(
  options: ServerOptions,
  history: History,
  loadMs: number,
): Promise<string[]> {
  const server = await startServer(subject(), options);
  await Promise.all(history.clients.map((client) => client.connect(server.port)));
  const runs = history.clients.map((client) => client.run());
  await sleep(loadMs);
  const violations = server.isRunning() ? [] : [`the server ended by itself: ${tail(server)}`];
  await server.kill();
  await Promise.all(runs);
  return [...violations, ...history.clients.flatMap((client) => client.violations.splice(0))];
}

/** Recovery must be repeatable: a kill in the middle of it changes nothing. */
async function killInRecovery(options: ServerOptions, afterMs: number): Promise<void> {
  const starting = startServer(subject(), { ...options, readyMs: afterMs }).catch(() => undefined);
  const server = await starting;
  await server?.kill();
}

async function restartAndVerify(options: ServerOptions, history: History): Promise<string[]> {
  let server: Server;
  try {
    server = await startServer(subject(), options);
  } catch (error) {
    return [`it does not start any more: ${error instanceof Error ? error.message : error}`];
  }
  const violations = await verify(server.port, history.clients);
  if (violations.length > 0)
    violations.push(`${LEFT_BEHIND} is what the kill left; the log:\n${tail(server)}`);
  // Half of the time the round ends in a kill without load, half in a clean stop.
  await (server.pid % 2 === 0 ? server.kill() : server.stop());
  return violations;
}

function tail(server: Server): string {
  return server.output().slice(-2000);
}

main().catch((error: unknown) => {
  process.stderr.write(`crash: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
