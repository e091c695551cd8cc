/** The keys that a suspended task has touched. What others do beside it then counts as done before it. */

/** A Set that grows beyond this stops for so long that others feel it. */
const NAMES_PER_SET = 65_536;

export class KeyLocks {
  readonly #read = new Names();
  readonly #written = new Names();

  /** By name: a key of the same name in another database counts as touched, too. */
  add(key: string, isWritten: boolean): void {
    (isWritten ? this.#written : this.#read).add(key);
  }

  /** Whether others must not read the key, or not even that if they `write` it, before the task has ended. */
  holds(key: string, writes: boolean): boolean {
    return this.#written.has(key) || (writes && this.#read.has(key));
  }
}

/** Many are added, and few are asked for. */
class Names {
  readonly #full: ReadonlySet<string>[] = [];
  #open = new Set<string>();

  add(name: string): void {
    if (this.#open.size === NAMES_PER_SET) {
      this.#full.push(this.#open);
      this.#open = new Set();
    }
    this.#open.add(name);
  }

  has(name: string): boolean {
    return this.#open.has(name) || this.#full.some((names) => names.has(name));
  }
}
