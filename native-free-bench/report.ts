/** Turns measurements into tables, JSON or CSV. */

import type { Measurement } from './measure.js';
import type { Options } from './options.js';
import { formatTable } from './table.js';

const PERCENTILES = [50, 95, 99, 99.9] as const;

/** A measurement as plain numbers: rates in requests per second, latencies in milliseconds. */
interface Summary {
  readonly workload: string;
  readonly pipeline: number;
  readonly server: string;
  readonly rate: number;
  readonly rates: readonly number[];
  /** Median rate over the first server's. */
  readonly ratio: number;
  readonly latencies: Readonly<Record<string, number>>;
  readonly errors: number;
  readonly firstError: string;
}

export function formatReport(measurements: readonly Measurement[], options: Options): string {
  const summaries = measurements.map((one) => summarize(one, baseOf(one, measurements)));
  if (options.format === 'json') return toJson(summaries, options);
  if (options.format === 'csv') return toCsv(summaries);
  return toText(summaries, options);
}

/** The middle of some numbers, the mean of the two middle ones when their count is even; NaN for none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function baseOf(one: Measurement, all: readonly Measurement[]): Measurement {
  const same = (other: Measurement): boolean =>
    other.workload === one.workload && other.pipeline === one.pipeline;
  return all.find(same) ?? one;
}

function summarize(one: Measurement, base: Measurement): Summary {
  const latencies: Record<string, number> = {};
  for (const percent of PERCENTILES) {
    latencies[`p${percent}`] = one.latencies.percentile(percent) / 1000;
  }
  latencies.max = one.latencies.max / 1000;
  return {
    workload: one.workload,
    pipeline: one.pipeline,
    server: one.target.name,
    rate: median(one.rates),
    rates: one.rates,
    ratio: median(one.rates) / median(base.rates),
    latencies,
    errors: one.errors,
    firstError: one.firstError,
  };
}

function toText(summaries: readonly Summary[], options: Options): string {
  const { clients, valueSize, keyRange, requests, rounds } = options;
  const heading = `${clients} clients, ${valueSize} B values, ${keyRange} keys, ${requests} requests a round, median of ${rounds} interleaved rounds`;
  const names = Object.keys(summaries[0]?.latencies ?? {});
  const header = ['workload', '-P', 'server', 'req/s', 'ratio', ...names.map((n) => `${n} ms`)];
  const rows = summaries.map((one) => textRow(one));
  return [heading, '', formatTable([header, ...rows], 3), ...errorLines(summaries), ''].join('\n');
}

function textRow(one: Summary): string[] {
  const rate = Math.round(one.rate).toLocaleString('en-US');
  const latencies = Object.values(one.latencies).map((milliseconds) => milliseconds.toFixed(3));
  const place = [one.workload, String(one.pipeline), one.server];
  return [...place, rate, one.ratio.toFixed(2), ...latencies];
}

function errorLines(summaries: readonly Summary[]): string[] {
  return summaries
    .filter(({ errors }) => errors > 0)
    .map((one) => `${one.server}, ${one.workload}: ${one.errors} errors, first ${one.firstError}`);
}

function toJson(summaries: readonly Summary[], options: Options): string {
  const { clients, valueSize, keyRange, requests, rounds, seed } = options;
  const parameters = { clients, valueSize, keyRange, requests, rounds, seed };
  const machine = { node: process.version, platform: process.platform, arch: process.arch };
  return `${JSON.stringify({ parameters, machine, results: summaries }, undefined, 2)}\n`;
}

function toCsv(summaries: readonly Summary[]): string {
  const names = Object.keys(summaries[0]?.latencies ?? {});
  const columns = ['workload', 'pipeline', 'server', 'requests_per_second', 'ratio'];
  const header = [...columns, ...names.map((name) => `${name}_ms`), 'errors'].join(',');
  const rows = summaries.map((one) => {
    const place = [one.workload, one.pipeline, one.server];
    const numbers = [one.rate.toFixed(1), one.ratio.toFixed(4), ...Object.values(one.latencies)];
    return [...place, ...numbers, one.errors].join(',');
  });
  return `${[header, ...rows].join('\n')}\n`;
}
