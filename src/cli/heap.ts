/**
 * V8 fixes the size of a heap when it makes it (setting the flags later has no effect: measured, Node 20). A cache
 * that the heap of the process is not made for is served in a thread that has a larger one; the first thread passes
 * signals on and ends as the second does.
 */

import { getHeapStatistics } from 'node:v8';
import { parentPort, type ResourceLimits, Worker } from 'node:worker_threads';
import { heapMegabytesFor, youngMegabytesFor } from '../config/memory.js';

const MB = 1024 * 1024;
const FLAGS = /^--max[-_](old|semi)[-_]space[-_]size\b/;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ENTRY = new URL('../main.js', import.meta.url);

/** The limits of a heap for the cache; undefined if that of the process will do, or was chosen by hand. */
export function largerHeapFor(
  cacheBytes: number,
  limitBytes = getHeapStatistics().heap_size_limit,
  nodeFlags: readonly string[] = givenFlags(),
): ResourceLimits | undefined {
  if (nodeFlags.some((flag) => FLAGS.test(flag))) return undefined;
  const limit = Math.floor(limitBytes / MB);
  const old = heapMegabytesFor(cacheBytes);
  const young = youngMegabytesFor(cacheBytes);
  if (old <= limit && young === undefined) return undefined;
  return {
    maxOldGenerationSizeMb: Math.max(old, limit),
    ...(young !== undefined && { maxYoungGenerationSizeMb: young }),
  };
}

function givenFlags(): readonly string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
}

/** Runs the same command line in a thread with such a heap; resolves to its exit code. */
export function runWithHeap(resourceLimits: ResourceLimits): Promise<number> {
  const thread = new Worker(ENTRY, { argv: process.argv.slice(2), resourceLimits });
  for (const signal of SIGNALS) process.on(signal, () => thread.postMessage(signal));
  return new Promise((resolve, reject) => {
    thread.on('error', reject);
    thread.on('exit', resolve);
  });
}

/** In such a thread: the signals that the process gets are events of `process`, as they are in the first thread. */
export function takeSignals(): void {
  parentPort?.on('message', (signal: NodeJS.Signals) => process.emit(signal, signal));
  parentPort?.unref(); // the listener alone would keep the thread from ending
}
