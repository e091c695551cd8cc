/**
 * Data records that recovery found in the log while the header they belong to is cold: a fragment was written
 * in place and the header, unchanged, is only in the store, or their header comes after them. They wait here for their key, by version, and go
 * once the store has them.
 */

import { Collection } from './collection.js';
import type { DataPlace } from './encoding.js';
import type { Entry } from './entry.js';
import { Header, type KeyRecord } from './header.js';
import type { DataRecord } from './record-table.js';
import type { Residents } from './residents.js';

interface Orphan {
  readonly data: Collection;
  segment: number;
}

export class Orphans {
  readonly #residents: Residents;
  readonly #byVersion = new Map<string, Orphan>();

  constructor(residents: Residents) {
    this.#residents = residents;
  }

  find(place: DataPlace): DataRecord | undefined {
    return this.#byVersion.get(idAt(place))?.data.get(place.sub);
  }

  add(place: DataPlace, value: string | undefined, segment: number): void {
    const id = idAt(place);
    let orphan = this.#byVersion.get(id);
    if (orphan === undefined) {
      orphan = { data: new Collection(false), segment: 0 };
      this.#byVersion.set(id, orphan);
    }
    orphan.data.set(place.sub, value, segment);
    orphan.segment = segment;
  }

  /** Gives the entry the records that wait for it. */
  adopt(entry: Entry): void {
    if (this.#byVersion.size === 0 || !(entry.record instanceof Header)) return;
    const id = idOf(entry, entry.record);
    const orphan = this.#byVersion.get(id);
    if (orphan === undefined) return;
    this.#byVersion.delete(id);
    this.#residents.setData(entry, orphan.data);
    entry.segment = Math.max(entry.segment, orphan.segment);
  }

  /** Forgets what stands in the store. */
  advance(checkpoint: number): void {
    for (const [id, orphan] of this.#byVersion) {
      if (orphan.segment <= checkpoint) this.#byVersion.delete(id);
    }
  }
}

function idAt({ space, slot, version }: DataPlace): string {
  return `${space}/${slot}/${version}`;
}

function idOf(entry: Entry, record: Exclude<KeyRecord, string>): string {
  return `${entry.space}/${record.dataSlot}/${record.version}`;
}
