/**
 * What the server keeps for itself besides keys (libraries of functions): records of the family `c`, few and small enough
 * to be in memory, all of them. They are changed by transactions as keys are (docs/formats/records.md).
 */

import { ChangeKind, type Log, type Storage } from '../storage/storage.js';
import type { Change } from './changes.js';
import type { Transaction } from './transaction.js';

const FAMILY = 'c';
/** Names that begin with `!` are storage's; these are the keyspace's, up to the byte after the slash. */
const RANGE = { from: `${FAMILY}function/`, to: `${FAMILY}function0` };
const PAGE = { maxRecords: 1000, maxBytes: 4 * 1024 * 1024 };

export function isOwnRecord(recordKey: string): boolean {
  return recordKey.startsWith(FAMILY);
}

export class OwnRecords {
  readonly #transaction: Transaction;
  /** By name, without the family; undefined for one that recovery has seen deleted. */
  readonly #values = new Map<string, string | undefined>();

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  names(): string[] {
    return [...this.#values.keys()];
  }

  /** undefined deletes the record. */
  set(name: string, value: string | undefined): void {
    const before = this.#values.get(name);
    if (before === value) return;
    this.#put(name, value);
    const undo = (): void => this.#put(name, before);
    this.#transaction.add(new OwnChange(name, value, undo));
  }

  #put(name: string, value: string | undefined): void {
    if (value === undefined) this.#values.delete(name);
    else this.#values.set(name, value);
  }

  /** A change that recovery has found in the log. */
  replay(recordKey: string, value: string | undefined): void {
    this.#values.set(recordKey.slice(FAMILY.length), value);
  }

  /** Adds what the store has, once the log has been replayed: what that says is newer. */
  async load(storage: Storage): Promise<void> {
    for (let { from } = RANGE; ; ) {
      const page = await storage.range({ ...PAGE, from, to: RANGE.to });
      page.keys.forEach((key, i) => {
        const name = key.slice(FAMILY.length);
        if (!this.#values.has(name)) this.#values.set(name, page.values[i]);
      });
      if (page.done) break;
      from = `${page.keys[page.keys.length - 1]}\0`;
    }
    for (const [name, value] of this.#values) if (value === undefined) this.#values.delete(name);
  }
}

class OwnChange implements Change {
  readonly #name: string;
  readonly #value: string | undefined;
  readonly undo: () => void;

  constructor(name: string, value: string | undefined, undo: () => void) {
    this.#name = name;
    this.#value = value;
    this.undo = undo;
  }

  log(log: Log): void {
    const key = FAMILY + this.#name;
    const kind = this.#value === undefined ? ChangeKind.delete : ChangeKind.put;
    log.change(kind, key.length, this.#value?.length ?? 0);
    log.writer.latin1(key);
    if (this.#value !== undefined) log.writer.latin1(this.#value);
  }
}
