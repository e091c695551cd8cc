/**
 * V8 fixes its heap's limit when the process starts (setting the flag later has no effect: measured, Node 20).
 * A cache that needs more than the default therefore runs in a second process with a larger limit; the first
 * one passes signals on and ends as the second does. With the default cache there is no second process.
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { heapMegabytesFor } from '../config/memory.js';

const MB = 1024 * 1024;
const FLAG = '--max-old-space-size';
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;

/** The heap limit to start again with, in MB; undefined if this process will do. */
export function largerHeapFor(
  cacheBytes: number,
  limitBytes = getHeapStatistics().heap_size_limit,
  nodeFlags: readonly string[] = process.execArgv,
): number | undefined {
  if (nodeFlags.some((flag) => flag.replaceAll('_', '-').startsWith(FLAG))) return undefined;
  const needed = heapMegabytesFor(cacheBytes);
  return needed > limitBytes / MB ? needed : undefined;
}

/** Runs the same command line with a larger heap; resolves to the exit code, or 128 + the signal's number. */
export function runWithHeap(megabytes: number): Promise<number> {
  const launcher = fileURLToPath(new URL('../../bin/diskdb.js', import.meta.url));
  const nodeFlags = [...process.execArgv, `${FLAG}=${megabytes}`];
  const child = spawn(process.execPath, [...nodeFlags, launcher, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'], // the channel tells the child when we are gone
  });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
