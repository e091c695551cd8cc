/**
 * `redis-server` as Redis's test suite starts it: takes a redis.conf and Redis's command line, and logs in Redis's words what the
 * suite waits for. Behind it is DiskDB as built in dist/, in the same process, so that signals and the process id are right.
 */

import { appendFileSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { handleSignals as HandleSignals } from '../../src/cli/signals.js';
import type { Flag } from '../../src/config/flags.js';
import type { loadConfig as LoadConfig } from '../../src/config/load.js';
import type { createLogger as CreateLogger } from '../../src/observability/logger.js';
import type { startServer as StartServer } from '../../src/server.js';

const STANDARD_OUTPUT = 1;
/** pino's number for it. */
const WARN = 40;
const DIST = join(process.env.HARNESS_DISKDB_ROOT ?? process.cwd(), 'dist');

/** As run.ts has it for servers that it starts itself. */
const DEFAULTS: readonly Flag[] = [['set-max-listpack-entries', '0']];
/** Redis listens on all interfaces if nothing is said of it, and is protected otherwise; DiskDB on this machine's own. */
const DEFAULT_BIND: Flag = ['bind', '* -::*'];

/** What DiskDB says → what Redis says of it. */
const WORDS: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/is ready to accept connections/, '* Ready to accept connections'],
  [/EADDRINUSE/, '# Failed listening on port, aborting: already in use'],
  [/^DiskDB is closed/, '# Redis is now ready to exit, bye bye...'],
];

function defaultsOf(file: string | undefined, flags: readonly Flag[]): readonly Flag[] {
  const binds = file !== undefined && /^bind\s/m.test(readFileSync(file, 'latin1'));
  const isSaid = binds || flags.some(([name]) => name === 'bind');
  return isSaid ? DEFAULTS : [...DEFAULTS, DEFAULT_BIND];
}

async function load<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(join(DIST, path)).href)) as T;
}

/** `file --name word word --name word`. */
function readArguments(args: readonly string[]): { file: string | undefined; flags: Flag[] } {
  const flags: Flag[] = [];
  let name: string | undefined;
  let words: string[] = [];
  const flush = (): void => {
    if (name !== undefined) flags.push([name, words.join(' ')]);
    words = [];
  };
  const [first] = args;
  const hasFile = first !== undefined && !first.startsWith('--');
  for (const word of hasFile ? args.slice(1) : args) {
    if (word.startsWith('--')) {
      flush();
      name = word.slice(2);
    } else words.push(word);
  }
  flush();
  return { file: hasFile ? first : undefined, flags };
}

/** A line of DiskDB's log in Redis's form: `pid:M date * words`. */
function lineOf(json: string): string {
  const { msg = '', level = 30, ...rest } = JSON.parse(json) as { msg?: string; level?: number };
  const known = WORDS.find(([pattern]) => pattern.test(msg))?.[1];
  const words = known ?? `${level >= WARN ? '#' : '*'} ${msg} ${JSON.stringify(rest)}`;
  return `${process.pid}:M ${new Date().toUTCString()} ${words}\n`;
}

/** Where the log goes, in Redis's form. */
function openLog(path: string): (json: string) => void {
  return (json) => {
    const line = lineOf(json);
    if (path === '') writeSync(STANDARD_OUTPUT, line);
    else appendFileSync(path, line);
  };
}

async function main(): Promise<void> {
  const [{ loadConfig }, { createLogger }, { startServer }, { handleSignals }] = await Promise.all([
    load<{ loadConfig: typeof LoadConfig }>('config/load.js'),
    load<{ createLogger: typeof CreateLogger }>('observability/logger.js'),
    load<{ startServer: typeof StartServer }>('server.js'),
    load<{ handleSignals: typeof HandleSignals }>('cli/signals.js'),
  ]);
  const { file, flags } = readArguments(process.argv.slice(2));
  const { config, warnings } = loadConfig({ file, flags: [...defaultsOf(file, flags), ...flags] });
  const logger = createLogger(config.values.log, { write: openLog(config.values.log.file) });
  for (const warning of warnings) logger.warn(warning);
  try {
    const server = await startServer(config, logger);
    logger.info(`Server initialized, PID: ${process.pid} `);
    handleSignals({
      onFirst: () => void server.close().then(() => process.exit(0)),
      onHangUp: () => server.reload(),
      exit: process.exit,
      now: () => performance.now(),
    });
  } catch (error) {
    logger.fatal(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
