/** Which clients have read which keys, since they were last told of them. */

import type { Registration } from './invalidation.js';

/** Nearly all keys have one reader: a set of its own for each would take more than the rest. */
type Readers = Registration | Set<Registration>;

export class TrackingTable {
  readonly #readers = new Map<string, Readers>();
  items = 0;

  get size(): number {
    return this.#readers.size;
  }

  has(key: string): boolean {
    return this.#readers.has(key);
  }

  add(key: string, reader: Registration): void {
    const readers = this.#readers.get(key);
    if (readers === reader) return;
    if (readers instanceof Set) {
      this.items -= readers.size;
      readers.add(reader);
      this.items += readers.size;
      return;
    }
    this.#readers.set(key, readers === undefined ? reader : new Set([readers, reader]));
    this.items++;
  }

  /** Those who have read the key, whom the table forgets. */
  take(key: string): Iterable<Registration> {
    const readers = this.#readers.get(key);
    if (readers === undefined) return [];
    this.#readers.delete(key);
    const all = readers instanceof Set ? readers : [readers];
    this.items -= readers instanceof Set ? readers.size : 1;
    return all;
  }

  /** The keys that have been in it for longest, as many as there are above `most`. */
  excess(most: number): string[] {
    const keys: string[] = [];
    let left = this.#readers.size - most;
    for (const key of this.#readers.keys()) {
      if (left-- <= 0) break;
      keys.push(key);
    }
    return keys;
  }
}
