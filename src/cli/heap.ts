/**
 * V8 fixes the size of a heap when it makes it (setting the flags later has no effect: measured, Node 20). A cache
 * that the heap of the process is not made for is served in a thread that has a larger one; the first thread passes
 * signals on and ends as the second does.
 */

import { getHeapStatistics } from 'node:v8';
import {
  isMainThread,
  parentPort,
  type ResourceLimits,
  Worker,
  workerData,
} from 'node:worker_threads';
import { DiskDbError } from '../base/errors.js';
import { heapMegabytesFor, youngMegabytesFor } from '../config/memory.js';
import { givenFlags } from './inlining.js';

const MB = 1024 * 1024;
const OLD_FLAG = /^--max[-_]old[-_]space[-_]size\b/;
const YOUNG_FLAG = /^--max[-_]semi[-_]space[-_]size\b/;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ENTRY = new URL('../main.js', import.meta.url);

/** What the first thread hands to the one that serves. */
interface Handed {
  /** What the config file says. */
  readonly configText: string | undefined;
  /** What was run. */
  readonly executable: string | undefined;
}

/** The limits of a heap for the cache; undefined if that of the process will do, or was chosen by hand. */
export function largerHeapFor(
  cacheBytes: number,
  limitBytes = getHeapStatistics().heap_size_limit,
  nodeFlags: readonly string[] = givenFlags(),
): ResourceLimits | undefined {
  if (nodeFlags.some((flag) => OLD_FLAG.test(flag))) return undefined;
  const isYoungGiven = nodeFlags.some((flag) => YOUNG_FLAG.test(flag));
  const limit = Math.floor(limitBytes / MB);
  const old = heapMegabytesFor(cacheBytes);
  const young = isYoungGiven ? undefined : youngMegabytesFor(cacheBytes);
  if (old <= limit && young === undefined) return undefined;
  return {
    maxOldGenerationSizeMb: Math.max(old, limit),
    ...(young !== undefined && { maxYoungGenerationSizeMb: young }),
  };
}

/**
 * Runs the same command line in a thread with such a heap; resolves to its exit code.
 * @throws DiskDbError HEAP_FULL; what the thread did not catch
 */
export function runWithHeap(
  limits: ResourceLimits,
  configText: string | undefined,
): Promise<number> {
  const thread = new Worker(ENTRY, {
    argv: process.argv.slice(2),
    resourceLimits: limits,
    workerData: { configText, executable: process.argv[1] } satisfies Handed,
  });
  for (const signal of SIGNALS) process.on(signal, () => thread.postMessage(signal));
  return new Promise((resolve, reject) => {
    thread.on('error', (error) => reject(explained(error, limits)));
    thread.on('exit', resolve);
  });
}

function explained(error: Error & { code?: string }, limits: ResourceLimits): Error {
  if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  const { maxOldGenerationSizeMb: megabytes } = limits;
  const remedy = `a lower cache_size, or NODE_OPTIONS=--max-old-space-size=<more than ${megabytes}>`;
  return new DiskDbError('HEAP_FULL', `the heap of ${megabytes} MB is full: ${remedy}`, error);
}

/** In such a thread, what the first one handed to it; otherwise undefined. */
export function handed(): Handed | undefined {
  return isMainThread ? undefined : (workerData as Handed);
}

/** Such a thread stands for the process: its signals are events of `process` here, too, and what was run is the same. */
export function takeOver(): void {
  const given = handed();
  if (given === undefined) return;
  if (given.executable !== undefined) process.argv[1] = given.executable;
  parentPort?.on('message', (signal: NodeJS.Signals) => process.emit(signal, signal));
  parentPort?.unref(); // the listener alone would keep the thread from ending
}
