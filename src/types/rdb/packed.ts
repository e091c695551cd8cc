/**
 * Packed values of Redis's dumps: many elements in the bytes of one string. Strings and integers are told apart, because
 * some layouts are. What readers of these throw at anything that is wrong is a RangeError.
 */

/** Integers that a double does not hold are bigints. */
export type PackedElement = string | number | bigint;

export function integerOf(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A size, place or count in the payload is not what it must be. */
export function expectSame(found: number, expected: number): void {
  if (found !== expected) throw new RangeError(`${found} where it must be ${expected}`);
}

export function* textsOf(elements: Iterable<PackedElement>): Generator<string> {
  for (const element of elements) yield String(element);
}

/** The elements two by two. */
export function* pairsOf<T>(elements: Iterable<T>): Generator<readonly [T, T]> {
  const iterator = elements[Symbol.iterator]();
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
    yield [next.value, nextOf(iterator)];
  }
}

/** The next element, which must be there. */
export function nextOf<T>(iterator: Iterator<T>): T {
  const next = iterator.next();
  if (next.done === true) throw new RangeError('an element is missing');
  return next.value;
}
