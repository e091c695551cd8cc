/** What changed of a collection after a checkpoint: it is laid over pages of the store as of that checkpoint. */

import { sortTexts } from '../base/sort-by-bytes.js';
import type { Collection, NameRange } from './collection.js';

export class Overlay {
  /** By name; undefined: deleted. */
  readonly values: ReadonlyMap<string, string | undefined>;
  #names: Promise<readonly string[]> | undefined;

  constructor(values: ReadonlyMap<string, string | undefined>) {
    this.values = values;
  }

  /** In order. */
  get names(): Promise<readonly string[]> {
    this.#names ??= sortTexts([...this.values.keys()]);
    return this.#names;
  }
}

const NOTHING = new Overlay(new Map());

interface Latest extends NameRange {
  readonly checkpoint: number;
  /** The collection's count of changes then. */
  readonly changes: number;
  readonly overlay: WeakRef<Overlay>;
}

/** The overlay that was made last of each collection, for as long as a reader has it: it may be as large as the cache. */
const latest = new WeakMap<Collection, Latest>();

/** What changed of the part of the collection; with a checkpoint of -Infinity all that is resident of it. */
export function overlayAbove(
  checkpoint: number,
  data: Collection | undefined,
  { from, to }: NameRange,
): Overlay {
  if (data === undefined) return NOTHING;
  const { changes } = data;
  const last = latest.get(data);
  const isSame = last?.changes === changes && last.checkpoint === checkpoint;
  if (isSame && last.from === from && last.to === to) {
    const shared = last.overlay.deref();
    if (shared !== undefined) return shared;
  }
  const overlay = new Overlay(changesAbove(checkpoint, data, { from, to }));
  latest.set(data, { from, to, checkpoint, changes, overlay: new WeakRef(overlay) });
  return overlay;
}

function changesAbove(
  checkpoint: number,
  data: Collection,
  range: NameRange,
): ReadonlyMap<string, string | undefined> {
  const changes = new Map<string, string | undefined>();
  data.forEachIn(range, (sub, value, segment) => {
    if (segment > checkpoint) changes.set(sub, value);
  });
  return changes;
}
