/**
 * Expiry times that are not yet in the store, soonest first. The store's expiry index knows the rest: when a
 * segment is folded its expiries are in the index, and its queue here is dropped whole. An entry stands at most
 * once in the queue of a segment, however often its time changes: so the queues are no larger than what is dirty.
 */

import type { Entry } from './entry.js';

interface Due {
  at: number;
  readonly entry: Entry;
}

export class ExpiryQueue {
  readonly #heaps = new Map<number, Due[]>();
  /** Each entry in it knows its place: `entry.duePlace`. In the others places are not kept. */
  #current: Due[] = [];

  constructor() {
    this.#heaps.set(0, this.#current);
  }

  /** Times noted, of all segments. */
  get size(): number {
    let size = 0;
    for (const heap of this.#heaps.values()) size += heap.length;
    return size;
  }

  /** Notes that the entry, changed in the current segment, expires at the given millisecond, and not before. */
  schedule(entry: Entry, at: number): void {
    const heap = this.#current;
    const known = heap[entry.duePlace];
    if (known?.entry !== entry) {
      const due = { at, entry };
      this.#rise(heap, heap.push(due) - 1, due);
      return;
    }
    const isSooner = at < known.at;
    known.at = at;
    if (isSooner) this.#rise(heap, entry.duePlace, known);
    else this.#sink(heap, entry.duePlace, known);
  }

  /** Times noted from now on belong to this segment. */
  cut(segment: number): void {
    if (this.#heaps.get(segment) === this.#current) return;
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
        this.#removeFirst(heap);
      }
    }
    return due;
  }

  /** What was noted to be due first; a hint. */
  get soonest(): { readonly at: number; readonly entry: Entry } | undefined {
    return this.#heapOfSoonest()?.[0];
  }

  takeSoonest(): void {
    const heap = this.#heapOfSoonest();
    if (heap !== undefined) this.#removeFirst(heap);
  }

  #heapOfSoonest(): Due[] | undefined {
    let soonest: Due[] | undefined;
    for (const heap of this.#heaps.values()) {
      if (heap[0] !== undefined && heap[0].at < (soonest?.[0]?.at ?? Number.POSITIVE_INFINITY)) {
        soonest = heap;
      }
    }
    return soonest;
  }

  /** True if `take` has something by now. */
  hasDue(now: number): boolean {
    for (const heap of this.#heaps.values()) {
      if (heap[0] !== undefined && heap[0].at <= now) return true;
    }
    return false;
  }

  #removeFirst(heap: Due[]): void {
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(heap, 0, last);
  }

  /** Puts the item at the index, which is free, or above it. */
  #rise(heap: Due[], index: number, item: Due): void {
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      const above = heap[parent] as Due;
      if (above.at <= item.at) break;
      this.#place(heap, index, above);
      index = parent;
    }
    this.#place(heap, index, item);
  }

  /** Puts the item at the index, which is free, or below it. */
  #sink(heap: Due[], index: number, item: Due): void {
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.at < (heap[child] as Due).at) child++;
      const below = heap[child] as Due;
      if (below.at >= item.at) break;
      this.#place(heap, index, below);
      index = child;
    }
    this.#place(heap, index, item);
  }

  #place(heap: Due[], index: number, item: Due): void {
    heap[index] = item;
    if (heap === this.#current) item.entry.duePlace = index;
  }
}
