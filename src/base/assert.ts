/** Assertions: for bugs of ours only. What the world does wrong is a coded error or a reply. */

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug: ${message}`);
}

/** Marks a branch that the types say cannot be taken. */
export function unreachable(value: never): never {
  throw new Error(`bug: unreachable: ${String(value)}`);
}
