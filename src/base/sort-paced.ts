/** Sorting in slices, so that the thread's event loop serves loads in between. */

import { yieldTurn } from './yield-turn.js';

const RUN = 4096;

/** Runs first, then merges of two, never more than some ms at a stretch. */
export async function sortPaced<T>(
  items: readonly T[],
  compare: Compare<T>,
): Promise<readonly T[]> {
  let runs: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += RUN) {
    runs.push(items.slice(at, at + RUN).sort(compare));
    await yieldTurn();
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await mergePaced(runs[at] ?? [], runs[at + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

type Compare<T> = (a: T, b: T) => number;

async function mergePaced<T>(
  left: readonly T[],
  right: readonly T[],
  compare: Compare<T>,
): Promise<readonly T[]> {
  if (right.length === 0) return left;
  const merged: T[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const a = left[l] as T;
    const b = right[r] as T;
    if (compare(a, b) <= 0) {
      merged.push(a);
      l++;
    } else {
      merged.push(b);
      r++;
    }
    if (merged.length % (4 * RUN) === 0) await yieldTurn();
  }
  for (; l < left.length; l++) merged.push(left[l] as T);
  for (; r < right.length; r++) merged.push(right[r] as T);
  return merged;
}
