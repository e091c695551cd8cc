/** What the process takes, in bytes, as INFO and MEMORY report it. */

import { getHeapStatistics } from 'node:v8';

export interface MemoryUsage {
  /** What V8 and its buffers hold in use, in the command thread. */
  readonly used: number;
  /** What V8 has taken from the system for that, what is free of it included. */
  readonly active: number;
  /** Of that, what is in memory. */
  readonly heapResident: number;
  /** What the system counts as the process's, mapped files included. */
  readonly resident: number;
}

export function memoryUsage(): MemoryUsage {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
  return {
    used: heapUsed + external,
    active: heapTotal + external,
    heapResident: getHeapStatistics().total_physical_size + external,
    resident: rss,
  };
}

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'] as const;

/** As Redis prints it for people: `1.50M`, and plain bytes below 1024. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return unit === 0 ? `${value}B` : `${value.toFixed(2)}${UNITS[unit]}`;
}
