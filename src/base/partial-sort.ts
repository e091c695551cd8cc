/**
 * A sort of the beginning only: the quicksort of Bentley and McIlroy ("Engineering a Sort Function", 1993), which
 * leaves parts alone that nobody wants. Step by step as Redis has it, because the order of equal items follows from it.
 */

type Compare<T> = (a: T, b: T) => number;

/** Parts with fewer items are sorted by insertion. */
const SMALL = 7;
/** Of parts with more items the pivot is a median of nine. */
const LARGE = 40;

/** Sorts so far that the first `count` items are those of the sorted whole, in order; the others are in no order. */
export function sortFirst<T>(items: T[], count: number, compare: Compare<T>): void {
  sortPart(items, 0, items.length, count, compare);
}

function sortPart<T>(
  items: T[],
  from: number,
  end: number,
  count: number,
  compare: Compare<T>,
): void {
  let start = from;
  while (end - start >= SMALL) {
    swap(items, start, pivotOf(items, start, end, compare));
    const { less, greater } = partition(items, start, end, compare);
    sortPart(items, start, start + less, count, compare);
    start = end - greater;
    if (start >= count) return;
  }
  for (let i = start + 1; i < end; i++) {
    for (let j = i; j > start && compare(items[j - 1] as T, items[j] as T) > 0; j--) {
      swap(items, j, j - 1);
    }
  }
}

/** Where an item stands that is likely to be in the middle of the part. */
function pivotOf<T>(items: readonly T[], start: number, end: number, compare: Compare<T>): number {
  const size = end - start;
  const middle = start + (size >> 1);
  const last = end - 1;
  if (size === SMALL) return middle;
  const median = (a: number, b: number, c: number): number => medianOf(items, a, b, c, compare);
  if (size <= LARGE) return median(start, middle, last);
  const step = size >> 3;
  return median(
    median(start, start + step, start + 2 * step),
    median(middle - step, middle, middle + step),
    median(last - 2 * step, last - step, last),
  );
}

function medianOf<T>(
  items: readonly T[],
  a: number,
  b: number,
  c: number,
  compare: Compare<T>,
): number {
  const order = (i: number, j: number): number => compare(items[i] as T, items[j] as T);
  if (order(a, b) < 0) {
    if (order(b, c) < 0) return b;
    return order(a, c) < 0 ? c : a;
  }
  if (order(b, c) > 0) return b;
  return order(a, c) < 0 ? a : c;
}

/** Puts what is less than the first item before what is equal to it, and that before what is greater. */
function partition<T>(
  items: T[],
  start: number,
  end: number,
  compare: Compare<T>,
): { readonly less: number; readonly greater: number } {
  const pivot = items[start] as T;
  let low = start + 1;
  let high = end - 1;
  // Equal items are gathered at both ends.
  let equalLow = low;
  let equalHigh = high;
  for (;;) {
    for (; low <= high; low++) {
      const order = compare(items[low] as T, pivot);
      if (order > 0) break;
      if (order === 0) swap(items, equalLow++, low);
    }
    for (; low <= high; high--) {
      const order = compare(items[high] as T, pivot);
      if (order < 0) break;
      if (order === 0) swap(items, high, equalHigh--);
    }
    if (low > high) break;
    swap(items, low++, high--);
  }
  swapRuns(items, start, low, Math.min(equalLow - start, low - equalLow));
  swapRuns(items, low, end, Math.min(equalHigh - high, end - 1 - equalHigh));
  return { less: low - equalLow, greater: equalHigh - high };
}

/** Swaps so many items from `start` on with as many before `end`. */
function swapRuns<T>(items: T[], start: number, end: number, size: number): void {
  for (let i = 0; i < size; i++) swap(items, start + i, end - size + i);
}

function swap<T>(items: T[], a: number, b: number): void {
  [items[a], items[b]] = [items[b] as T, items[a] as T];
}
