/** Runs the rounds: for each workload and pipeline depth the servers take turns, so that a slow minute of the machine hits all. */

import { performance } from 'node:perf_hooks';
import { Client, type Round } from './client.js';
import { Histogram } from './histogram.js';
import type { Options, Target } from './options.js';
import { seededRandom } from './random.js';
import { buildBatch } from './request-batch.js';
import type { WeightedCommand, Workload } from './workload.js';

/** Different batches per connection when a workload draws its commands, so that their mix is near the weights. */
const DRAWN_BATCHES = 64;
const PRELOAD_PIPELINE = 64;
const PRELOAD_BYTES_IN_FLIGHT = 4 * 1024 * 1024;

/** One server, workload and depth, over all rounds. */
export interface Measurement {
  readonly target: Target;
  readonly workload: string;
  readonly pipeline: number;
  /** Requests per second of each round. */
  readonly rates: number[];
  /** Microseconds, all rounds together. */
  readonly latencies: Histogram;
  errors: number;
  firstError: string;
}

/** Where the run is, for the progress bar. */
export interface Stage {
  readonly label: string;
  readonly requests: number;
}

export interface Observer {
  started(stage: Stage): void;
  answered(replies: number): void;
  finished(): void;
}

interface Load {
  readonly commands: readonly WeightedCommand[];
  readonly requests: number;
  readonly pipeline: number;
  readonly nextKey: () => number;
}

/** Measures everything the options ask for, in their order. */
export async function measureAll(options: Options, observer: Observer): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const workload of options.workloads) {
    if (options.preload) await preload(workload, options, observer);
    for (const pipeline of options.pipelines) {
      measurements.push(...(await measure(workload, pipeline, options, observer)));
    }
  }
  return measurements;
}

async function measure(
  workload: Workload,
  pipeline: number,
  options: Options,
  observer: Observer,
): Promise<Measurement[]> {
  const results = options.targets.map((target) => emptyMeasurement(target, workload, pipeline));
  for (let round = 0; round < options.rounds; round++) {
    // Every other round goes backwards, so that no server is always the first.
    const order = round % 2 === 0 ? results : [...results].reverse();
    for (const result of order) {
      const label = `${workload.name} -P ${pipeline}, round ${round + 1}/${options.rounds}, ${result.target.name}`;
      observer.started({ label, requests: options.requests });
      await runRound(workload, round, result, options, observer);
      observer.finished();
    }
  }
  return results;
}

function emptyMeasurement(target: Target, workload: Workload, pipeline: number): Measurement {
  const latencies = new Histogram();
  const [rates, errors, firstError] = [[], 0, ''];
  return { target, workload: workload.name, pipeline, rates, latencies, errors, firstError };
}

async function runRound(
  workload: Workload,
  round: number,
  result: Measurement,
  options: Options,
  observer: Observer,
): Promise<void> {
  const range = workload.keyRange?.(options) ?? options.keyRange;
  const random = seededRandom(options.seed + round);
  const load: Load = {
    commands: workload.commands(options),
    requests: options.requests,
    pipeline: result.pipeline,
    nextKey: () => Math.floor(random() * range),
  };
  result.rates.push(await apply(load, result, options, observer));
}

/** Writes every key once, so that reads are of keys that exist. */
async function preload(workload: Workload, options: Options, observer: Observer): Promise<void> {
  if (workload.preload === undefined) return;
  const command = workload.preload(options);
  const range = workload.keyRange?.(options) ?? options.keyRange;
  const bytes = command.reduce((sum, argument) => sum + argument.length, 0);
  const fitting = Math.floor(PRELOAD_BYTES_IN_FLIGHT / bytes);
  const pipeline = Math.max(1, Math.min(PRELOAD_PIPELINE, fitting));
  for (const target of options.targets) {
    observer.started({ label: `${workload.name}: writing keys, ${target.name}`, requests: range });
    let key = -1;
    const nextKey = (): number => ++key % range;
    const load = { commands: [{ arguments: command, weight: 1 }], requests: range, pipeline };
    const result = emptyMeasurement(target, workload, pipeline);
    await apply({ ...load, nextKey }, result, options, observer);
    observer.finished();
    if (result.errors > 0) throw new Error(`${target.name}: preload: ${result.firstError}`);
  }
}

/** Sends one load through fresh connections; gives requests per second of the sending alone. */
async function apply(
  load: Load,
  result: Measurement,
  options: Options,
  observer: Observer,
): Promise<number> {
  const clients = await openClients(load, result.target, options);
  const { round, total } = shareOut(load, result.latencies, observer);
  const start = performance.now();
  try {
    await Promise.all(clients.map((client) => client.run(round)));
  } finally {
    for (const client of clients) client.close();
  }
  const seconds = (performance.now() - start) / 1000;
  addErrors(result, clients);
  return total / seconds;
}

function openClients(load: Load, target: Target, options: Options): Promise<Client[]> {
  const batchCount = load.commands.length > 1 ? DRAWN_BATCHES : 1;
  const random = seededRandom(options.seed);
  const needed = Math.min(options.clients, Math.ceil(load.requests / load.pipeline));
  const opening = Array.from({ length: needed }, () => {
    const batches = Array.from({ length: batchCount }, () =>
      buildBatch(load.commands, load.pipeline, random),
    );
    return Client.open(target, batches, load.pipeline, options.password);
  });
  return Promise.all(opening);
}

/** The work of a round, taken batch by batch by whichever connection is free. */
function shareOut(
  load: Load,
  latencies: Histogram,
  observer: Observer,
): { round: Round; total: number } {
  const batches = Math.ceil(load.requests / load.pipeline);
  let left = batches;
  const round: Round = {
    latencies,
    takeBatch: () => left-- > 0,
    nextKey: load.nextKey,
    answered: (replies) => observer.answered(replies),
  };
  return { round, total: batches * load.pipeline };
}

function addErrors(result: Measurement, clients: readonly Client[]): void {
  for (const client of clients) {
    result.errors += client.errors;
    result.firstError ||= client.firstError;
  }
}
