/** Long work in slices, so that the thread serves others between them. */

/** Of those that wait in it one goes on each turn of the event loop: many are no longer at a stretch than one. */
export class TurnQueue {
  readonly #waiting: (() => void)[] = [];

  /** Lets the event loop turn at least once. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#next);
    });
  }

  readonly #next = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#next);
  };
}

const work = new TurnQueue();

/** Lets the event loop turn, for work of this process. */
export function yieldTurn(): Promise<void> {
  return work.wait();
}

/** Small pieces of work that are done at a stretch: about a millisecond's. */
const AT_ONCE = 1000;

/** Does a small piece of work for each, some of them at a stretch. The first stretch is done when this returns. */
export async function forEachPaced<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let left = AT_ONCE;
  for (const item of items) {
    if (left === 0) {
      await yieldTurn();
      left = AT_ONCE;
    }
    work(item);
    left--;
  }
}
