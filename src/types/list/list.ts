/** Lists: elements in order, cheap at both ends; what is in between moves towards the nearer end. */

import type { Database } from '../../keyspace/database.js';
import { ValueType } from '../../keyspace/header.js';
import { type CollectionEntry, createCollection, findCollection, setCount } from '../collection.js';
import type { RecordPart } from '../record-stream.js';
import { CACHED_MAX, ElementCache } from './element-cache.js';
import { decodeIndex, elementName, encodeIndex, MIDDLE_INDEX } from './layout.js';

export type End = 'head' | 'tail';

/** Elements that a search reads at first; then twice as many, and so on. */
const SEARCH_ELEMENTS = 64;
/** Fewer are as quickly found by their names. */
const CACHED_MIN = 4;
/** When more than so many are to go, and fewer stay, those that stay are written anew. */
const MANY_ELEMENTS = 4096;

/** A list at a key, for the length of one attempt. What changes it leaves its header right. */
export class List {
  readonly #db: Database;
  readonly entry: CollectionEntry;
  /** The index of the first element. */
  #head: number;
  #length: number;

  private constructor(db: Database, entry: CollectionEntry) {
    this.#db = db;
    this.entry = entry;
    this.#head = decodeIndex(entry.record.value);
    this.#length = entry.record.count;
  }

  /** The list at the key; undefined if there is none. @throws ValueError WRONG_TYPE */
  static find(db: Database, key: string): List | undefined {
    const entry = findCollection(db, key, ValueType.list);
    return entry === undefined ? undefined : new List(db, entry);
  }

  /** The list at the key, or a new one, that must get elements at once. @throws ValueError WRONG_TYPE */
  static findOrCreate(db: Database, key: string): List {
    return List.find(db, key) ?? List.create(db, key);
  }

  /** A new list in place of what is at the key; it must get elements at once. */
  static create(db: Database, key: string): List {
    const head = encodeIndex(MIDDLE_INDEX);
    return new List(db, createCollection(db, key, ValueType.list, head));
  }

  get length(): number {
    return this.#length;
  }

  /** The element at the position, counted from 0; undefined beyond the ends. */
  at(position: number): string | undefined {
    if (position < 0 || position >= this.#length) return undefined;
    return this.#read(position);
  }

  /** The elements from position `start` to `end` (excluded); both are within the list. */
  slice(start: number, end: number): string[] {
    const cache = this.#cacheFor(end - start);
    const elements: string[] = [];
    for (let i = start; i < end; i++) {
      const element = cache?.get(this.#head + i);
      if (element === undefined) return this.#sliceRecords(start, end, cache);
      elements.push(element);
    }
    return elements;
  }

  #sliceRecords(start: number, end: number, cache: ElementCache | undefined): string[] {
    this.#db.needRoomToLoad(this.entry, end - start);
    const names: string[] = [];
    for (let i = start; i < end; i++) names.push(this.#name(i));
    this.#db.needRun(this.entry, names);
    const elements = names.map((name) => this.#db.readData(this.entry, name) as string);
    if (cache !== undefined) {
      for (let i = start; i < end; i++) cache.keep(this.#head + i, elements[i - start] as string);
    }
    return elements;
  }

  /** Where the elements of a slice may be at hand, and should be kept; undefined if it is too short or too long. */
  #cacheFor(count: number): ElementCache | undefined {
    if (count < CACHED_MIN || count > CACHED_MAX) return undefined;
    const cache = this.#db.derivedOf(this.entry) as ElementCache | undefined;
    if (cache !== undefined && cache.size >= count) return cache;
    const larger = new ElementCache(count);
    this.#db.keepDerived(this.entry, larger);
    return larger;
  }

  /** The records of the same elements, for a stream of them. */
  part(start: number, end: number): RecordPart {
    return { range: { from: this.#name(start), to: this.#name(end) }, count: end - start };
  }

  /** Positions and elements, from either end to the other; read as far as they are asked for. */
  *from(end: End): Generator<readonly [position: number, element: string]> {
    let size = SEARCH_ELEMENTS;
    for (let done = 0; done < this.#length; size *= 2) {
      const next = Math.min(done + size, this.#length);
      if (end === 'head') {
        for (const [i, element] of this.slice(done, next).entries()) yield [done + i, element];
      } else {
        const start = this.#length - next;
        const elements = this.slice(start, this.#length - done);
        for (let i = elements.length - 1; i >= 0; i--) yield [start + i, elements[i] as string];
      }
      done = next;
    }
  }

  /** Adds elements one after the other at the end: at the head the last one will be the first. */
  push(end: End, elements: readonly string[]): void {
    for (const element of elements) {
      if (end === 'head') this.#head--;
      const position = end === 'head' ? 0 : this.#length;
      this.#length++;
      this.#write(position, element);
    }
    this.#save();
  }

  /** Removes at most `count` elements from the end, the one at the end first. */
  pop(end: End, count: number): string[] {
    const taken = Math.min(count, this.#length);
    const start = end === 'head' ? 0 : this.#length - taken;
    const elements = taken === 1 ? [this.#read(start)] : this.slice(start, start + taken);
    this.#cut(end, taken);
    return end === 'head' ? elements : elements.reverse();
  }

  /** Puts the element at a position within the list. */
  set(position: number, element: string): void {
    this.#write(position, element);
  }

  /** Puts the element before the one at the position. */
  insert(position: number, element: string): void {
    if (position < this.#length / 2) {
      const before = this.slice(0, position);
      this.#head--;
      this.#length++;
      for (const [i, moved] of before.entries()) this.#write(i, moved);
    } else {
      const after = this.slice(position, this.#length);
      this.#length++;
      for (const [i, moved] of after.entries()) this.#write(position + 1 + i, moved);
    }
    this.#write(position, element);
    this.#save();
  }

  /** Removes the elements at the positions, which ascend. The halves close up, each towards its end. */
  remove(positions: readonly number[]): void {
    if (positions.length === 0) return;
    const middle = positions.findIndex((position) => position >= this.#length / 2);
    const split = middle < 0 ? positions.length : middle;
    this.#closeTowardsTail(positions.slice(split));
    this.#closeTowardsHead(positions.slice(0, split));
    this.#save();
  }

  /** Keeps the elements from position `start` to `end` (excluded), which are within the list. */
  trim(start: number, end: number): void {
    const kept = end - start;
    const gone = this.#length - kept;
    if (kept <= 0) {
      this.#db.deleteEntry(this.entry);
    } else if (gone > MANY_ELEMENTS && kept < gone) {
      this.#rewrite(start, end);
    } else {
      this.#db.needRoom(gone);
      this.#cut('tail', this.#length - end);
      this.#cut('head', start);
    }
  }

  /** A new collection of those that stay: what goes is the store's to clear, however much it is. */
  #rewrite(start: number, end: number): void {
    this.#db.needRoom(end - start);
    const elements = this.slice(start, end);
    const { key, record } = this.entry;
    const { type, expireAt } = record;
    createCollection(this.#db, key, type, encodeIndex(MIDDLE_INDEX), expireAt);
    this.#head = MIDDLE_INDEX;
    this.#length = 0;
    this.push('tail', elements);
  }

  /** Takes `count` elements off the end. */
  #cut(end: End, count: number): void {
    if (count === 0) return;
    // Of a list that ends here nothing need be removed one by one.
    if (count < this.#length) {
      const start = end === 'head' ? 0 : this.#length - count;
      for (let i = start; i < start + count; i++) this.#write(i, undefined);
    }
    if (end === 'head') this.#head += count;
    this.#length -= count;
    this.#save();
  }

  /** What stands behind the positions, all of it, moves towards the head. */
  #closeTowardsTail(positions: readonly number[]): void {
    const [first] = positions;
    if (first === undefined) return;
    const removed = new Set(positions);
    const behind = this.slice(first, this.#length).filter((_, i) => !removed.has(first + i));
    for (const [i, moved] of behind.entries()) this.#write(first + i, moved);
    const end = this.#length;
    for (let i = first + behind.length; i < end; i++) this.#write(i, undefined);
    this.#length -= positions.length;
  }

  /** What stands before the positions, all of it, moves towards the tail. */
  #closeTowardsHead(positions: readonly number[]): void {
    const last = positions.at(-1);
    if (last === undefined) return;
    const removed = new Set(positions);
    const before = this.slice(0, last).filter((_, i) => !removed.has(i));
    for (const [i, moved] of before.entries()) this.#write(positions.length + i, moved);
    for (let i = 0; i < positions.length; i++) this.#write(i, undefined);
    this.#head += positions.length;
    this.#length -= positions.length;
  }

  #name(position: number): string {
    return elementName(this.#head + position);
  }

  #read(position: number): string {
    return this.#db.readData(this.entry, this.#name(position)) as string;
  }

  #write(position: number, element: string | undefined): void {
    this.#db.writeData(this.entry, this.#name(position), element);
  }

  #save(): void {
    setCount(this.#db, this.entry, this.#length, encodeIndex(this.#head));
  }
}

/**
 * Takes an element from one end of a list and puts it at one end of another, which may be the same. Returns it, or
 * undefined if there is no such list. @throws ValueError WRONG_TYPE
 */
export function move(
  db: Database,
  source: { readonly key: string; readonly end: End },
  target: { readonly key: string; readonly end: End },
): string | undefined {
  const list = List.find(db, source.key);
  if (list === undefined) return undefined;
  const moved =
    source.key === target.key
      ? rotate(list, source.end, target.end)
      : moveTo(db, list, source.end, target);
  db.notify('list', target.end === 'head' ? 'lpush' : 'rpush', target.key);
  db.notifyRemoval('list', source.end === 'head' ? 'lpop' : 'rpop', list.entry);
  return moved;
}

function moveTo(
  db: Database,
  list: List,
  from: End,
  target: { readonly key: string; readonly end: End },
): string | undefined {
  const other = List.findOrCreate(db, target.key);
  const elements = list.pop(from, 1);
  other.push(target.end, elements);
  return elements[0];
}

/** The list is never empty meanwhile: it would lose its expiry. */
function rotate(list: List, from: End, to: End): string | undefined {
  if (from === to || list.length === 1) return list.at(from === 'head' ? 0 : list.length - 1);
  const elements = list.pop(from, 1);
  list.push(to, elements);
  return elements[0];
}
