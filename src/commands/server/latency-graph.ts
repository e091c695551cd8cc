/** LATENCY GRAPH: the samples of an event as columns of letters, with how long ago each was below it. */

import type { LatencyEvent, LatencySample } from '../instruments.js';

const ROWS = 4;
const LINE = '-'.repeat(80);
/** The top of a column, by how much of its row it fills. */
const TOPS = ['_', 'o', '#'] as const;
const FULL = '|';

/** @param now milliseconds since 1970 */
export function latencyGraph({ name, greatest, samples }: LatencyEvent, now: number): string {
  const values = samples.map(({ latency }) => latency);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const head = `${name} - high ${high} ms, low ${low} ms (all time high ${greatest} ms)`;
  const steps = values.map((value) => stepOf(value, low, high));
  const rows = Array.from({ length: ROWS }, (_, row) => rowText(steps, ROWS - 1 - row));
  const ages = samples.map((sample) => ageOf(sample, now));
  return `${[head, LINE, ...rows, '', ...labelRows(ages)].join('\n')}\n`;
}

/** How high its column is, in parts of a row. */
function stepOf(value: number, low: number, high: number): number {
  const steps = ROWS * TOPS.length;
  if (high === low) return 0;
  return Math.min(steps - 1, Math.floor(((value - low) * steps) / (high - low)));
}

/** `row` is counted from the bottom. */
function rowText(steps: readonly number[], row: number): string {
  return steps
    .map((step) => {
      const inRow = step - row * TOPS.length;
      return inRow < 0 ? ' ' : (TOPS[inRow] ?? FULL);
    })
    .join('')
    .trimEnd();
}

/** Labels stand upright, a letter a row. */
function labelRows(labels: readonly string[]): readonly string[] {
  const height = Math.max(...labels.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) =>
    labels
      .map((label) => label[row] ?? ' ')
      .join('')
      .trimEnd(),
  );
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

function ageOf({ at }: LatencySample, now: number): string {
  const seconds = Math.max(0, Math.floor(now / 1000) - at);
  const unit = UNITS.find(([, length]) => seconds >= length);
  return unit === undefined ? `${seconds}s` : `${Math.floor(seconds / unit[1])}${unit[0]}`;
}
