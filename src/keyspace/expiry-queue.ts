/**
 * Expiry times that are not yet in the store, soonest first. The store's expiry index knows the rest: when a
 * segment is folded its expiries are in the index, and its queue here is dropped whole.
 */

import type { Entry } from './entry.js';

interface Due {
  readonly at: number;
  readonly entry: Entry;
}

export class ExpiryQueue {
  readonly #heaps = new Map<number, Due[]>();
  #current: Due[] = [];

  constructor() {
    this.#heaps.set(0, this.#current);
  }

  /** Notes that the entry, changed in the current segment, expires at the given millisecond. */
  schedule(entry: Entry, at: number): void {
    push(this.#current, { at, entry });
  }

  /** Times noted from now on belong to this segment. */
  cut(segment: number): void {
    if (this.#heaps.get(segment) === this.#current) return; // a cut that failed is tried again
    this.#current = [];
    this.#heaps.set(segment, this.#current);
  }

  /** Forgets what stands in the store. */
  advance(checkpoint: number): void {
    for (const segment of this.#heaps.keys()) {
      if (segment <= checkpoint && this.#heaps.get(segment) !== this.#current) {
        this.#heaps.delete(segment);
      }
    }
  }

  /** Takes at most `limit` entries whose time was noted as due by now. They are hints: check the header. */
  take(now: number, limit: number): Entry[] {
    const due: Entry[] = [];
    for (const heap of this.#heaps.values()) {
      while (due.length < limit && heap[0] !== undefined && heap[0].at <= now) {
        due.push(heap[0].entry);
        pop(heap);
      }
    }
    return due;
  }
}

function push(heap: Due[], item: Due): void {
  let index = heap.push(item) - 1;
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    const above = heap[parent] as Due;
    if (above.at <= item.at) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = item;
}

/** Removes the soonest. */
function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = index * 2 + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && right.at < (heap[child] as Due).at) child++;
    const below = heap[child] as Due;
    if (below.at >= last.at) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}
