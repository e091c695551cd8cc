/** Assertions: for bugs of ours only. What the world does wrong is a coded error or a reply. */

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`);
}
