/** Pieces of command entries that many tables share. */

import type { ArgumentSpec, KeySpec, KeySpecFlag } from './spec.js';

/** One key, `argv[1]`. */
export function oneKey(flags: readonly KeySpecFlag[], notes?: string): readonly KeySpec[] {
  return [keysAt(1, 0, 1, flags, notes)];
}

/** Keys from `argv[index]` to the one `lastKey` after it (negative: counted from the end), `step` apart. */
export function keysAt(
  index: number,
  lastKey: number,
  step: number,
  flags: readonly KeySpecFlag[],
  notes?: string,
): KeySpec {
  const spec = { flags, begin: { index }, find: { range: { lastKey, step, limit: 0 } } };
  return notes === undefined ? spec : { ...spec, notes };
}

/** The argument that is the key of the first key spec. */
export const keyArgument: ArgumentSpec = { name: 'key', type: 'key', keySpecIndex: 0 };

/** A word that is there or not. */
export function token(word: string, since?: string): ArgumentSpec {
  const name = word.toLowerCase();
  const spec = { name, type: 'pure-token', token: word } as const;
  return since === undefined ? spec : { ...spec, since };
}
