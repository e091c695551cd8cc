/** Long work in slices, so that the thread serves others between them. */

const waiting: (() => void)[] = [];

/** Lets the event loop turn at least once. Of those that wait here one goes on each turn: many are no longer at a stretch than one. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(next);
  });
}

function next(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(next);
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
