/**
 * Elements of a list by their index, for those that read many: a read from here takes no name, and no look-up of one.
 * It may hold any of the elements, never one that has changed.
 */

import type { Derived } from '../../keyspace/collection.js';
import { decodeIndex } from './layout.js';

/** Elements that are held at most: `LRANGE list 0 99` of the same lists again and again is what this is for. */
export const CACHED_MAX = 1024;
const CACHE_BYTES = 200;
const PLACE_BYTES = 16;

/** Each index has one place; another index may have taken it. */
export class ElementCache implements Derived {
  readonly bytes: number;
  readonly #indexes: Float64Array;
  readonly #elements: (string | undefined)[];
  readonly #mask: number;

  /** For so many elements that follow each other. */
  constructor(count: number) {
    let places = 64;
    while (places < count) places *= 2;
    this.#indexes = new Float64Array(places);
    this.#elements = new Array(places).fill(undefined);
    this.#mask = places - 1;
    this.bytes = CACHE_BYTES + PLACE_BYTES * places;
  }

  get value(): this {
    return this;
  }

  get size(): number {
    return this.#mask + 1;
  }

  get(index: number): string | undefined {
    const place = index & this.#mask;
    return this.#indexes[place] === index ? this.#elements[place] : undefined;
  }

  keep(index: number, element: string): void {
    const place = index & this.#mask;
    this.#indexes[place] = index;
    this.#elements[place] = element;
  }

  /** The record has changed, or is not resident any more. */
  forget(name: string): void {
    const index = decodeIndex(name, 1);
    const place = index & this.#mask;
    if (this.#indexes[place] === index) this.#elements[place] = undefined;
  }
}
