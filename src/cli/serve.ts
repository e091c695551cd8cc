/** `diskdb [config-file] [options]`: loads the configuration and runs the server until it is told to stop. */

import { setFlagsFromString } from 'node:v8';
import { isMainThread, type ResourceLimits } from 'node:worker_threads';
import { systemClock } from '../base/clock.js';
import { DiskDbError } from '../base/errors.js';
import type { Config } from '../config/config.js';
import type { Flag } from '../config/flags.js';
import { loadConfig } from '../config/load.js';
import { createLogger, type ServerLogger } from '../observability/logger.js';
import { ExitCode, exitCodeOf } from './exit-codes.js';
import { handed, largerHeapFor, runWithHeap, takeOver } from './heap.js';
import { inliningFlagsFor } from './inlining.js';
import { handleSignals } from './signals.js';
import { outliveTerminal } from './terminal.js';

export interface RunningServer {
  /** Flushes, releases the lock, and resolves when nothing is left to do. */
  close(): Promise<void>;
  /** Reads the certificates again. False: there are none. @throws Error, and nothing has changed */
  reload(): boolean;
}

/** Resolves when the server is ready for clients. */
export type StartServer = (config: Config, logger: ServerLogger) => Promise<RunningServer>;

export interface ServeRequest {
  readonly file: string | undefined;
  readonly flags: readonly Flag[];
  /** Loaded only in the thread that serves. */
  readonly loadServer: () => Promise<StartServer>;
}

/** @returns the exit code, if it is known already; a server that runs ends the process itself */
export async function serve(request: ServeRequest): Promise<number | undefined> {
  const { file, flags } = request;
  const { config, warnings, text } = loadConfig({
    file,
    text: handed()?.configText,
    environment: process.env,
    flags,
  });
  if (isMainThread) {
    outliveTerminal();
    const { cacheSize } = config.values;
    // They are the process's: to be set before a thread begins that is to have them.
    for (const flag of inliningFlagsFor(cacheSize)) setFlagsFromString(flag);
    const heap = largerHeapFor(cacheSize);
    if (heap !== undefined) return serveInThread(config, heap, text);
  }
  const logger = createLogger(config.values.log);
  config.onChange('log.level', (level) => {
    logger.level = level;
  });
  for (const warning of warnings) logger.warn(warning);
  logUncaught(logger);
  return run(config, logger, await request.loadServer());
}

async function serveInThread(
  config: Config,
  heap: ResourceLimits,
  text: string | undefined,
): Promise<number> {
  try {
    return await runWithHeap(heap, text);
  } catch (error) {
    logFailure(createLogger(config.values.log), 'the server has ended', error);
    return exitCodeOf(error);
  }
}

async function run(
  config: Config,
  logger: ServerLogger,
  startServer: StartServer,
): Promise<number | undefined> {
  let server: RunningServer | undefined;
  const stop = (reason: string): void => void close(server, logger, reason);
  handleSignals({
    onFirst: stop,
    onHangUp: () => reload(server, logger),
    exit: process.exit,
    now: systemClock.monotonic,
  });
  takeOver();
  try {
    server = await startServer(config, logger);
    return undefined;
  } catch (error) {
    logFailure(logger, 'cannot start', error);
    return exitCodeOf(error);
  }
}

/** A server that is still starting is yet to read them. */
function reload(server: RunningServer | undefined, logger: ServerLogger): void {
  try {
    const hasTls = server?.reload() ?? false;
    const done = hasTls ? 'the certificates for TLS were read again' : 'nothing to read again';
    logger.info(`SIGHUP: ${done}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    logger.error(`SIGHUP: the certificates for TLS stay as they were: ${why}`);
  }
}

/** A server that is still starting has acknowledged nothing: the process may simply end. */
async function close(
  server: RunningServer | undefined,
  logger: ServerLogger,
  reason: string,
): Promise<void> {
  logger.info(`${reason}: closing`);
  try {
    await server?.close();
    process.exit(ExitCode.ok);
  } catch (error) {
    logFailure(logger, 'closing failed', error);
    process.exit(exitCodeOf(error));
  }
}

/** What the world did wrong is one line, which says all; only a bug of ours needs its stack. */
function logFailure(logger: ServerLogger, what: string, error: unknown): void {
  const line = `${what}: ${error instanceof Error ? error.message : error}`;
  if (isOfTheWorld(error)) logger.fatal({ code: error.code }, line);
  else logger.fatal({ error }, line);
}

/** Ours by its code; the system's (a port in use, a directory that may not be written) by its call. */
function isOfTheWorld(error: unknown): error is Error & { code: string } {
  if (error instanceof DiskDbError) return true;
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** After an error nobody expected, memory cannot be trusted; the log on disk can. */
function logUncaught(logger: ServerLogger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'uncaught error');
    process.exit(ExitCode.failed);
  });
}
