/** Lets the event loop turn once: long work in slices calls it between them, so that the thread serves others. */
export function yieldTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
