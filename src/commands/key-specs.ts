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

/** `numkeys key …` from `argv[index]` on. */
export function countedKeys(index: number, flags: readonly KeySpecFlag[]): KeySpec {
  return { flags, begin: { index }, find: { keyNum: { keyNumIndex: 0, firstKey: 1, step: 1 } } };
}

/** The argument that is the key of the first key spec. */
export const keyArgument: ArgumentSpec = { name: 'key', type: 'key', keySpecIndex: 0 };

/** Keys of the first key spec, one at least. */
export const keyArguments: ArgumentSpec = { ...keyArgument, flags: ['multiple'] };

/** The arguments of `countedKeys`. */
export function countedKeyArguments(keySpecIndex = 0): readonly ArgumentSpec[] {
  return [
    { name: 'numkeys', type: 'integer' },
    { ...keyArguments, keySpecIndex },
  ];
}

/** A word that is there or not. */
export function token(word: string, since?: string): ArgumentSpec {
  const name = word.toLowerCase();
  const spec = { name, type: 'pure-token', token: word } as const;
  return since === undefined ? spec : { ...spec, since };
}
