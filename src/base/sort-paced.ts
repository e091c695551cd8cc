/** Sorting in slices, so that the thread's event loop serves loads in between. */

import { yieldTurn } from './yield-turn.js';

const RUN = 4096;

/** Sorts latin1 strings as bytes: runs first, then merges of two, never more than some ms at a stretch. */
export async function sortPaced(keys: readonly string[]): Promise<readonly string[]> {
  let runs: (readonly string[])[] = [];
  for (let at = 0; at < keys.length; at += RUN) {
    // The default order of strings is by code unit, which for latin1 is by byte.
    runs.push(keys.slice(at, at + RUN).sort());
    await yieldTurn();
  }
  while (runs.length > 1) {
    const merged: (readonly string[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(await mergePaced(runs[at] ?? [], runs[at + 1] ?? []));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergePaced(
  left: readonly string[],
  right: readonly string[],
): Promise<readonly string[]> {
  if (right.length === 0) return left;
  const merged: string[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const a = left[l] as string;
    const b = right[r] as string;
    if (a <= b) {
      merged.push(a);
      l++;
    } else {
      merged.push(b);
      r++;
    }
    if (merged.length % (4 * RUN) === 0) await yieldTurn();
  }
  for (; l < left.length; l++) merged.push(left[l] as string);
  for (; r < right.length; r++) merged.push(right[r] as string);
  return merged;
}
