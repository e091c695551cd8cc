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

/** Does the work for each, so many at a stretch. What is done at one stretch is done when this returns. */
export async function forEachPaced<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => void,
): Promise<void> {
  let left = atOnce;
  for (const item of items) {
    if (left === 0) {
      await yieldTurn();
      left = atOnce;
    }
    work(item);
    left--;
  }
}
