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

const MB = 1024 * 1024;
/** Of a smaller cache the machine code would be too large a part: it grows by 25 MB (measured). */
const INLINING_CACHE_MIN = 128 * MB;
const OLD_FLAG = /^--max[-_]old[-_]space[-_]size\b/;
const YOUNG_FLAG = /^--max[-_]semi[-_]space[-_]size\b/;
const INLINING_FLAG = /^--max[-_]inlined[-_]bytecode[-_]size/;
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
 * What V8 is told about compiling for a server with this cache, unless that was chosen by hand. A request goes through many
 * short functions, and V8 stops inlining them half-way: four times its budget in all, and twice that of one function, take a
 * tenth off the CPU of a pipelined SET or INCR (docs/performance.md).
 */
export function compilerFlagsFor(
  cacheBytes: number,
  nodeFlags: readonly string[] = givenFlags(),
): readonly string[] {
  if (cacheBytes < INLINING_CACHE_MIN || nodeFlags.some((flag) => INLINING_FLAG.test(flag))) {
    return [];
  }
  return ['--max-inlined-bytecode-size-cumulative=4000', '--max-inlined-bytecode-size=1000'];
}

function givenFlags(): readonly string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
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
