/** A client of its own thread that reads and writes another key all the time, and notes how long it waits. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { RespConnection } from '../support/resp-connection.js';

/** Milliseconds. */
export interface Latencies {
  readonly p999: number;
  readonly max: number;
}

/** Writes wait when the cache is full of what must still be folded, reads never. */
export interface Waits {
  readonly reads: Latencies;
  readonly writes: Latencies;
}

const PAUSE_MS = 1;

let reads: number[] = [];
let writes: number[] = [];

function latenciesOf(waited: number[]): Latencies {
  const sorted = waited.sort((a, b) => a - b);
  return { p999: sorted[Math.floor(sorted.length * 0.999)] ?? 0, max: sorted.at(-1) ?? 0 };
}

parentPort?.on('message', () => {
  const waits: Waits = { reads: latenciesOf(reads), writes: latenciesOf(writes) };
  parentPort?.postMessage(waits);
  reads = [];
  writes = [];
});

async function repeat(
  requests: readonly string[][],
  note: (waited: number) => void,
): Promise<void> {
  const connection = await RespConnection.open(workerData as number);
  for (let i = 0; ; i++) {
    const startedAt = performance.now();
    await connection.send(...(requests[i % requests.length] as string[]));
    note(performance.now() - startedAt);
    await sleep(PAUSE_MS);
  }
}

void repeat([['PING'], ['GET', 'other']], (waited) => reads.push(waited));
await repeat([['SET', 'other', 'value']], (waited) => writes.push(waited));
