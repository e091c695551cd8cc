/** SORT: the elements of a list, set or sorted set in another order. */

import { byBytes } from '../../base/byte-text.js';
import { parseDouble } from '../../base/double.js';
import type { Database } from '../../keyspace/database.js';
import { typeOf, ValueType } from '../../keyspace/header.js';
import { type CollectionEntry, findCollection } from '../collection.js';
import { List } from '../list/list.js';
import * as set from '../set/set.js';
import { membersAt } from '../sorted-set/range.js';
import { SortedSet } from '../sorted-set/sorted-set.js';
import { failValue } from '../value-error.js';
import { valuesOf } from './pattern.js';

export interface Order {
  /** A pattern with a star, whose values are compared; without it the elements are. */
  readonly by: string | undefined;
  /** By bytes, not as numbers. */
  readonly alpha: boolean;
  readonly descending: boolean;
}

/** What can be sorted. */
export interface Sortable {
  readonly length: number;
  /** Its elements have no order of their own. */
  readonly isSet: boolean;
  /** The elements from one place to another (excluded), in their own order or from its end. */
  slice(start: number, end: number, descending: boolean): string[];
}

/** What is at the key, or undefined. @throws ValueError WRONG_TYPE */
export function findSortable(db: Database, key: string): Sortable | undefined {
  const record = db.get(key);
  if (record === undefined) return undefined;
  switch (typeOf(record)) {
    case ValueType.list:
      return sortableList(List.find(db, key) as List);
    case ValueType.zset:
      return sortableSortedSet(SortedSet.find(db, key) as SortedSet);
    default:
      return sortableSet(db, findCollection(db, key, ValueType.set) as CollectionEntry);
  }
}

function sortableList(list: List): Sortable {
  const { length } = list;
  const slice = (start: number, end: number, descending: boolean): string[] =>
    descending ? list.slice(length - end, length - start).reverse() : list.slice(start, end);
  return { length, isSet: false, slice };
}

function sortableSet(db: Database, entry: CollectionEntry): Sortable {
  const length = entry.record.count;
  const slice = (start: number, end: number): string[] =>
    set.members(db, entry, end < length ? end : undefined).slice(start);
  return { length, isSet: true, slice };
}

function sortableSortedSet(sorted: SortedSet): Sortable {
  const slice = (start: number, end: number, descending: boolean): string[] =>
    end <= start ? [] : membersAt(sorted, start, end - 1, descending).map(({ member }) => member);
  return { length: sorted.size, isSet: false, slice };
}

/** The elements in order. @throws ValueError NOT_SORTABLE */
export function sortElements(db: Database, elements: readonly string[], order: Order): string[] {
  const { by, alpha, descending } = order;
  const weights = by === undefined ? elements : valuesOf(db, by, elements);
  const compare = alpha ? byText(weights) : byNumber(elements, weights.map(numberOf));
  const places = elements.map((_, i) => i);
  places.sort(descending ? (a, b) => -compare(a, b) : compare);
  return places.map((place) => elements[place] as string);
}

/** Compares what stands at two places. */
type Compare = (a: number, b: number) => number;

/** What has no weight comes first. */
function byText(weights: readonly (string | undefined)[]): Compare {
  return (a, b) => byBytes(weights[a] ?? '', weights[b] ?? '') || presence(a) - presence(b);

  function presence(place: number): number {
    return weights[place] === undefined ? 0 : 1;
  }
}

/** Equal numbers are in the order of their elements. */
function byNumber(elements: readonly string[], weights: readonly number[]): Compare {
  return (a, b) => {
    const [first, second] = [weights[a] as number, weights[b] as number];
    if (first !== second) return first < second ? -1 : 1;
    return byBytes(elements[a] as string, elements[b] as string);
  };
}

/** Nearer to 0 a double has fewer digits: C's library says so of decimal numbers, and Redis then refuses to sort. */
const SMALLEST_PRECISE = 2 ** -1022;
const HEXADECIMAL = /^[+-]?0x/i;

/** As C's strtod reads it: blanks may go before, a zero byte is the end, and nothing is 0. */
function numberOf(weight: string | undefined): number {
  const text = weight?.split('\0', 1)[0] ?? '';
  if (text === '') return 0;
  const digits = text.replace(/^[ \t-\r]+/, '');
  const number = parseDouble(digits) ?? failValue('NOT_SORTABLE');
  if (number === 0 || Math.abs(number) >= SMALLEST_PRECISE || HEXADECIMAL.test(digits)) {
    return number;
  }
  return failValue('NOT_SORTABLE');
}
