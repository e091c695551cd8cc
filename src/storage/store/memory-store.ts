/**
 * A store in memory without native code: sorted blocks of records, copied on write while a snapshot holds
 * them. For tests, and for the mode that installs no native package.
 */

import { assert } from '../../base/assert.js';
import { lowerBound } from '../../base/lower-bound.js';
import type { Store, StoreBatch, StoreRange, StoreSnapshot } from './store.js';

const BLOCK_RECORDS = 256;

interface Block {
  /** Latin1 strings compare as their bytes do. Never empty, but for the block of an empty store. */
  keys: string[];
  values: Buffer[];
  /** A block older than the newest snapshot is shared with it and is copied before it is changed. */
  generation: number;
}

class MemorySnapshot implements StoreSnapshot {
  readonly blocks: readonly Block[];
  closed = false;

  constructor(blocks: readonly Block[]) {
    this.blocks = blocks;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** A record of a batch; without a value it is deleted. */
export interface StoreWrite {
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

class MemoryBatch implements StoreBatch {
  readonly #write: (writes: readonly StoreWrite[]) => void;
  /** undefined once they are written. */
  #writes: StoreWrite[] | undefined = [];

  constructor(write: (writes: readonly StoreWrite[]) => void) {
    this.#write = write;
  }

  put(key: Buffer, value: Buffer): void {
    this.#open().push({ key: Buffer.from(key), value: Buffer.from(value) });
  }

  delete(key: Buffer): void {
    this.#open().push({ key: Buffer.from(key), value: undefined });
  }

  async write(): Promise<void> {
    const writes = this.#open();
    this.#writes = undefined;
    this.#write(writes);
  }

  #open(): StoreWrite[] {
    assert(this.#writes, 'a batch that has ended');
    return this.#writes;
  }
}

export class MemoryStore implements Store {
  #blocks: Block[] = [{ keys: [], values: [], generation: 0 }];
  #generation = 0;
  #bytes = 0;
  /** When set, asked before each write; an error it returns is thrown until the store is reopened. */
  failWrite: ((batch: readonly StoreWrite[]) => Error | undefined) | undefined;
  #failure: Error | undefined;

  async open(): Promise<void> {
    this.#failure = undefined;
  }

  reopen(): Promise<void> {
    return this.open();
  }

  /** The records stay, so that a test can open the same store again. */
  async close(): Promise<void> {
    this.#failure = undefined;
  }

  async getMany(keys: readonly Buffer[]): Promise<(Buffer | undefined)[]> {
    return keys.map((key) => this.getSync(key));
  }

  getSync(key: Buffer): Buffer | undefined {
    return recordIn(this.#blocks, key.toString('latin1'));
  }

  async scan(range: StoreRange, visit: (key: Buffer, value: Buffer) => boolean): Promise<void> {
    this.scanSync(range, visit);
  }

  scanSync(range: StoreRange, visit: (key: Buffer, value: Buffer) => boolean): void {
    // A shallow copy of the list is the view that iterators of a disk store have: one moment.
    const blocks = this.#blocksOf(range.snapshot) ?? [...this.#blocks];
    let rest = range.limit ?? Number.POSITIVE_INFINITY;
    const walk = range.reverse ? walkBackward : walkForward;
    for (const [key, value] of walk(blocks, range)) {
      if (rest-- <= 0 || !visit(Buffer.from(key, 'latin1'), value)) return;
    }
  }

  async scanKeys(range: StoreRange, visit: (keys: readonly Buffer[]) => boolean): Promise<void> {
    this.scanSync(range, (key) => visit([key]));
  }

  async countKeys(range: StoreRange): Promise<number> {
    let count = 0;
    this.scanSync(range, () => ++count > 0);
    return count;
  }

  async hasMany(keys: readonly Buffer[], snapshot?: StoreSnapshot): Promise<boolean[]> {
    const blocks = this.#blocksOf(snapshot) ?? this.#blocks;
    return keys.map((key) => recordIn(blocks, key.toString('latin1')) !== undefined);
  }

  snapshot(): StoreSnapshot {
    this.#generation++;
    return new MemorySnapshot([...this.#blocks]);
  }

  batch(): StoreBatch {
    return new MemoryBatch((writes) => this.#write(writes));
  }

  async clear(range: StoreRange, limit: number): Promise<Buffer | undefined> {
    const doomed: Buffer[] = [];
    this.scanSync({ ...range, limit: limit + 1 }, (key) => doomed.push(Buffer.from(key)) > 0);
    for (const key of doomed.slice(0, limit)) this.#delete(key.toString('latin1'));
    return doomed[limit];
  }

  async flush(): Promise<void> {
    await undefined; // There is no second place.
  }

  async compact(): Promise<void> {
    await undefined; // Deleted records are gone already.
  }

  async sizeOf(from: Buffer, to: Buffer): Promise<number> {
    let bytes = 0;
    this.scanSync({ from, to }, (key, value) => {
      bytes += key.length + value.length;
      return true;
    });
    return bytes;
  }

  async size(): Promise<number> {
    return this.#bytes;
  }

  #blocksOf(snapshot: StoreSnapshot | undefined): readonly Block[] | undefined {
    if (snapshot === undefined) return undefined;
    assert(snapshot instanceof MemorySnapshot && !snapshot.closed, 'a snapshot that is not open');
    return snapshot.blocks;
  }

  #write(writes: readonly StoreWrite[]): void {
    this.#failure ??= this.failWrite?.(writes);
    if (this.#failure) throw this.#failure;
    for (const { key, value } of writes) {
      const name = key.toString('latin1');
      if (value === undefined) this.#delete(name);
      else this.#put(name, value);
    }
  }

  #put(key: string, value: Buffer): void {
    const index = findBlock(this.#blocks, key);
    const block = this.#own(index);
    const at = lowerBound(block.keys, key);
    this.#bytes += value.length;
    if (block.keys[at] === key) {
      this.#bytes -= block.values[at]?.length ?? 0;
      block.values[at] = value;
      return;
    }
    this.#bytes += key.length;
    block.keys.splice(at, 0, key);
    block.values.splice(at, 0, value);
    if (block.keys.length > BLOCK_RECORDS) this.#split(index, block);
  }

  #delete(key: string): void {
    const index = findBlock(this.#blocks, key);
    const at = lowerBound(this.#blocks[index]?.keys ?? [], key);
    if (this.#blocks[index]?.keys[at] !== key) return;
    const block = this.#own(index);
    this.#bytes -= key.length + (block.values[at]?.length ?? 0);
    block.keys.splice(at, 1);
    block.values.splice(at, 1);
    if (block.keys.length === 0 && this.#blocks.length > 1) this.#blocks.splice(index, 1);
  }

  /** The block, copied first if a snapshot shares it. */
  #own(index: number): Block {
    const block = this.#blocks[index];
    assert(block, 'a block that is not there');
    if (block.generation === this.#generation) return block;
    const { keys, values } = block;
    const copy = { keys: [...keys], values: [...values], generation: this.#generation };
    this.#blocks[index] = copy;
    return copy;
  }

  #split(index: number, block: Block): void {
    const half = block.keys.length >> 1;
    const { generation } = block;
    const right = { keys: block.keys.splice(half), values: block.values.splice(half), generation };
    this.#blocks.splice(index + 1, 0, right);
  }
}

/** The index of the last block whose first key is not above `key`; 0 if there is none. */
function findBlock(blocks: readonly Block[], key: string): number {
  let low = 0;
  let high = blocks.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.keys[0] ?? '') <= key) low = middle;
    else high = middle;
  }
  return low;
}

function recordIn(blocks: readonly Block[], key: string): Buffer | undefined {
  const block = blocks[findBlock(blocks, key)];
  const at = block ? lowerBound(block.keys, key) : 0;
  return block?.keys[at] === key ? block.values[at] : undefined;
}

function* walkForward(blocks: readonly Block[], range: StoreRange): Generator<[string, Buffer]> {
  const from = range.from.toString('latin1');
  const to = range.to.toString('latin1');
  for (let index = findBlock(blocks, from); index < blocks.length; index++) {
    // The arrays are copied because the consumer may change the block between two steps.
    const { keys, values } = copyOf(blocks[index]);
    for (let at = lowerBound(keys, from); at < keys.length; at++) {
      const key = keys[at] as string;
      if (key >= to) return;
      yield [key, values[at] as Buffer];
    }
  }
}

function* walkBackward(blocks: readonly Block[], range: StoreRange): Generator<[string, Buffer]> {
  const from = range.from.toString('latin1');
  const to = range.to.toString('latin1');
  for (let index = findBlock(blocks, to); index >= 0; index--) {
    const { keys, values } = copyOf(blocks[index]);
    for (let at = lowerBound(keys, to) - 1; at >= 0; at--) {
      const key = keys[at] as string;
      if (key < from) return;
      yield [key, values[at] as Buffer];
    }
  }
}

function copyOf(block: Block | undefined): { keys: string[]; values: Buffer[] } {
  return { keys: block ? [...block.keys] : [], values: block ? [...block.values] : [] };
}
