/** What a step costs: its time, the server's anonymous memory, and what another client waits meanwhile. */

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Server } from '../support/server.js';
import type { Latencies, Waits } from './probe.js';

const SAMPLE_MS = 100;

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Anonymous memory of the process, in MiB: mapped files are the kernel's cache. */
function anonymousMemory(pid: number): number {
  const line = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
}

/** The 99.9th percentile and the longest. */
function textOf({ p999, max }: Latencies): string {
  return `${p999.toFixed(1)} / ${max.toFixed(1)} ms`;
}

export class Watch {
  /** The most memory in all steps, in MiB. */
  peak = 0;
  readonly #server: Server;
  readonly #probe: Worker;

  private constructor(server: Server, probe: Worker) {
    this.#server = server;
    this.#probe = probe;
  }

  static async open(server: Server): Promise<Watch> {
    const url = new URL('./probe.js', import.meta.url);
    const watch = new Watch(server, new Worker(url, { workerData: server.port }));
    await watch.#latencies();
    return watch;
  }

  /** Runs the step and says what it cost; returns its seconds. */
  async step(name: string, work: () => Promise<void>): Promise<number> {
    let peak = 0;
    const timer = setInterval(() => {
      peak = Math.max(peak, anonymousMemory(this.#server.pid));
    }, SAMPLE_MS);
    await this.#latencies();
    const startedAt = performance.now();
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const { reads, writes } = await this.#latencies();
    this.peak = Math.max(this.peak, peak);
    const others = `reads ${textOf(reads)}, writes ${textOf(writes)}`;
    say(`${name}: ${seconds.toFixed(2)} s, RssAnon ${peak.toFixed(0)} MiB, others: ${others}`);
    return seconds;
  }

  async close(): Promise<void> {
    await this.#probe.terminate();
  }

  /** Since the last call. */
  #latencies(): Promise<Waits> {
    return new Promise((resolve, reject) => {
      this.#probe.once('message', resolve).removeAllListeners('error').once('error', reject);
      this.#probe.postMessage('report');
    });
  }
}
