/**
 * Patches that a fold has gathered of records which it has written before: in the middle of a segment of which more has changed than
 * it keeps in memory. They go over what the store has.
 */

import { byBytes } from '../base/byte-text.js';
import { checkPatch, readPatch } from './log/patch.js';

/** What one takes in memory besides its bytes (an estimate). */
const PATCH_BYTES = 200;

export class StoredPatches {
  /** By key, in the order of the log. */
  readonly #patches = new Map<string, Buffer[]>();
  #bytes = 0;

  /** About the memory that they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The key stands in `source` from `keyStart` to `start`, the patch from there to `end`. Both are copied. */
  add(source: Buffer, keyStart: number, start: number, end: number): void {
    const key = source.latin1Slice(keyStart, start);
    // A copy, so that what was read of the log is not kept for it.
    const patch = Buffer.from(source.subarray(start, end));
    const patches = this.#patches.get(key);
    if (patches === undefined) this.#patches.set(key, [patch]);
    else patches.push(patch);
    this.#bytes += PATCH_BYTES + end - keyStart;
  }

  /** The keys in order. */
  keys(): Buffer[] {
    return [...this.#patches.keys()].sort(byBytes).map((key) => Buffer.from(key, 'latin1'));
  }

  /** The value, undefined if the store has none, with the patches of the key over it. @throws LOG_CORRUPT */
  apply(key: Buffer, value: Buffer | undefined): Buffer {
    const bytes = this.#patches.get(key.toString('latin1')) ?? [];
    const patches = bytes.map((source) => ({ source, ...readPatch(source, 0, source.length) }));
    let length = value?.length;
    for (const { offset, start, end } of patches) {
      checkPatch(key, offset, length);
      length = Math.max(length ?? 0, offset + end - start);
    }
    const result = Buffer.allocUnsafe(length ?? 0);
    value?.copy(result);
    for (const { source, offset, start, end } of patches) source.copy(result, offset, start, end);
    return result;
  }
}
