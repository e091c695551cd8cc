/** Runs one unit of the suite against a server, again and again until nothing hides a test behind a hang or a crash. */

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from '../support/server.js';
import { add, parseOutput, type SuiteOutput, type UnitResults, WHOLE_UNIT } from './outcomes.js';

/** Some tests take half a minute, and several times that where others use the machine. */
const SILENCE_SECONDS = 180;
const UNIT_LIMIT_MS = 600_000;
const MAX_RUNS = 10;
const STARTS_MAX = 4;
const START_AGAIN_MS = 3000;
const CONNECTION_LOST =
  /I\/O error|couldn't open socket|connection refused|broken pipe|reset by peer/i;

/** Ports for the servers that the suite starts. */
const PORTS = 60;

/** Where the suite is, and the ports that are its own. */
export interface SuitePlace {
  readonly suite: string;
  readonly basePort: number;
}

export interface UnitRun {
  readonly results: UnitResults;
  readonly ignored: number;
  readonly seconds: number;
}

/** A server that can be replaced when a test has ended it. */
export interface ServerHolder {
  current(): Server;
  restart(): Promise<void>;
}

/** Servers that the suite starts itself, with a redis.conf of its own for each. */
export interface SuiteServers {
  /** Command and first arguments, without blanks in any of them. */
  readonly command: readonly string[];
  /** It speaks TLS with them. */
  readonly tls: boolean;
}

/** Runs a unit to its end; a test that hangs or ends the server is noted, and left out of the next run. */
export async function runUnit(
  unit: string,
  place: SuitePlace,
  servers: ServerHolder | SuiteServers,
): Promise<UnitRun> {
  const started = Date.now();
  const stopped: UnitResults = new Map();
  for (let run = 1; ; run++) {
    const output = await runBegun(unit, place, servers, [...stopped.keys()]);
    const culprit = findCulprit(output, servers);
    if (culprit !== undefined) {
      add(stopped, culprit.name, culprit.outcome, culprit.detail);
      if ('restart' in servers) await servers.restart();
    }
    if (culprit === undefined || run === MAX_RUNS) {
      const seconds = (Date.now() - started) / 1000;
      return { results: merge(output, stopped), ignored: output.ignored, seconds };
    }
  }
}

interface Culprit {
  readonly name: string;
  readonly outcome: 'timeout' | 'crash';
  readonly detail: string;
}

/** The test because of which the run did not get to its end, if it did not. */
function findCulprit(
  output: SuiteOutput,
  servers: ServerHolder | SuiteServers,
): Culprit | undefined {
  if (output.hanging !== undefined) {
    const detail = `nothing moved for ${SILENCE_SECONDS} s`;
    return { name: output.hanging, outcome: 'timeout', detail };
  }
  const server = 'current' in servers ? servers.current() : undefined;
  if (server === undefined || server.isRunning()) return undefined;
  const lost = [...output.results].find(([, { detail }]) => CONNECTION_LOST.test(detail));
  const detail = `the server ended:\n${server.output().slice(-2000)}`;
  return { name: lost?.[0] ?? WHOLE_UNIT, outcome: 'crash', detail };
}

function merge(output: SuiteOutput, stopped: UnitResults): UnitResults {
  const results: UnitResults = new Map(output.results);
  for (const [name, result] of stopped) results.set(name, result);
  if (output.aborted !== undefined) add(results, WHOLE_UNIT, 'failed', output.aborted);
  return results;
}

/** The suite itself may fail to start, for a port that somebody has for a moment: then it is started again. */
async function runBegun(
  ...run: [string, SuitePlace, ServerHolder | SuiteServers, readonly string[]]
): Promise<SuiteOutput> {
  for (let start = 1; ; start++) {
    const output = parseOutput(await runSuite(...run));
    if (output.hasBegun || output.hanging !== undefined || start === STARTS_MAX) return output;
    await sleep(START_AGAIN_MS);
  }
}

/** Gives all that the suite printed. */
function runSuite(
  unit: string,
  { suite, basePort }: SuitePlace,
  servers: ServerHolder | SuiteServers,
  skipped: readonly string[],
): Promise<string> {
  const address = 'current' in servers ? addressOf(servers.current()) : startFlags(servers);
  const limits = ['--timeout', String(SILENCE_SECONDS), '--baseport', String(basePort)];
  const skips = skipped.flatMap((name) => ['--skiptest', name]);
  const args = [...address, ...limits, ...skips, '--durable', '--single', unit];
  return new Promise((resolve, reject) => {
    // A group of its own: the suite starts a client process that must end with it.
    const child = spawn('./runtest', args, {
      cwd: suite,
      detached: true,
      env: environment(servers),
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString('latin1');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const limit = setTimeout(() => endGroup(child.pid), UNIT_LIMIT_MS);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(limit);
      endGroup(child.pid);
      resolve(output);
    });
  });
}

function addressOf({ host, port }: Server): string[] {
  return ['--host', host, '--port', String(port)];
}

/** The suite would clean up after itself what another run may still use. */
function startFlags({ tls }: SuiteServers): string[] {
  const flags = ['--clients', '1', '--portcount', String(PORTS), '--dont-clean'];
  return tls ? [...flags, '--tls'] : flags;
}

function environment(servers: ServerHolder | SuiteServers): NodeJS.ProcessEnv {
  if ('current' in servers) return process.env;
  return {
    ...process.env,
    HARNESS_DISKDB_ROOT: process.env.HARNESS_DISKDB_ROOT ?? process.cwd(),
    CONFORMANCE_SERVER: servers.command.join(' '),
  };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // The usual case: nobody of the group is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
