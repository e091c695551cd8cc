/** What one request may not exceed, so that the memory of the process stays bounded. */

const MEBIBYTE = 1024 * 1024;

/** The transaction is undone, and its request gets an error. */
export class CommandTooLarge extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandTooLarge';
  }
}

/** Bytes that one request may load. */
export function loadedBytesMax(cacheBytes: number): number {
  return cacheBytes + 96 * MEBIBYTE;
}

/** Bytes that one transaction may change: what V8's heap has room for with such a cache (see config/memory.ts). */
export function changedBytesMax(cacheBytes: number): number {
  return 1.5 * cacheBytes + 144 * MEBIBYTE;
}

/** The command waits for something, and whoever runs it cannot. */
export class CannotWait extends Error {
  constructor() {
    super('this command cannot wait here');
  }
}
