/** What is used of redlock 4, which has no types of its own. */

declare module 'redlock' {
  interface Lock {
    readonly value: string;
    readonly expiration: number;
    extend(ttlMs: number): Promise<Lock>;
    unlock(): Promise<void>;
  }

  interface Options {
    readonly retryCount?: number;
    readonly retryDelay?: number;
    readonly retryJitter?: number;
  }

  class Redlock {
    constructor(clients: readonly unknown[], options?: Options);
    lock(resource: string | readonly string[], ttlMs: number): Promise<Lock>;
  }

  export = Redlock;
}
