/** A document that is being changed: the changes are made in place. */

import { byBytes } from '../../base/byte-text.js';
import type { Budget } from './budget.js';
import { DEPTH_MAX, JsonError } from './parse.js';
import type { Segment } from './path-plan.js';
import { type Place, select } from './path-walk.js';
import {
  bytesOf,
  type Container,
  changeKeys,
  copyOf,
  depthOf,
  isObject,
  type Json,
  type JsonObject,
} from './value.js';

export class JsonDocument {
  #root: Json | undefined;
  #isChanged = false;
  readonly #budget: Budget;

  constructor(root: Json, budget: Budget) {
    this.#root = root;
    this.#budget = budget;
  }

  /** undefined: it was removed. */
  get root(): Json | undefined {
    return this.#root;
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** A value of its own, for the document. */
  copyOf(value: Json): Json {
    this.#budget.take(bytesOf(value));
    return copyOf(value);
  }

  /** What the path selects. */
  select(segments: readonly Segment[]): readonly Place[] {
    return this.#root === undefined ? [] : select(segments, this.#root, this.#budget);
  }

  /** For whoever changes a container that is in the document. @throws JsonError if it is too deep now */
  noteChange(place: Place): void {
    this.#isChanged = true;
    if (levelOf(place) + depthOf(place.value) > DEPTH_MAX) throw new JsonError(TOO_DEEP);
  }

  /** Puts a copy of the value in place of what is there. @throws JsonError */
  replace(place: Place, value: Json): void {
    const { parent, key } = place;
    const copy = this.copyOf(value);
    if (parent === undefined) this.#root = copy;
    else setIn(parent.value as Container, key, copy);
    this.noteChange({ ...place, value });
  }

  /** Adds the key to the object at the place. @throws JsonError */
  add(place: Place, key: string, value: Json): void {
    this.replace({ value, parent: place, key }, value);
  }

  /** Removes what is at the places, and returns how many there were that did not lie in another. */
  remove(places: readonly Place[]): number {
    const removed = outermost(places);
    const removedFrom = new Map<Container, (string | number)[]>();
    for (const { parent, key } of removed) {
      if (parent === undefined) this.#root = undefined;
      else pushTo(removedFrom, parent.value as Container, key);
    }
    for (const [container, keys] of removedFrom) {
      if (isObject(container)) removeKeys(container, keys as string[]);
      else removeIndexes(container, new Set(keys as number[]));
    }
    if (removed.length > 0) this.#isChanged = true;
    return removed.length;
  }
}

const TOO_DEEP = 'recursion limit exceeded';

/** Containers that the place lies in. */
function levelOf({ parent }: Place): number {
  return parent === undefined ? 0 : levelOf(parent) + 1;
}

function setIn(container: Container, key: string | number, value: Json): void {
  if (isObject(container)) container.set(key as string, value);
  else container[key as number] = value;
}

function pushTo<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** In the order of their bytes, as in RedisJSON. */
function removeKeys(object: JsonObject, keys: string[]): void {
  const sorted = keys.sort(byBytes);
  changeKeys(
    object,
    sorted.map((key) => [key, undefined]),
  );
}

function removeIndexes(array: Json[], removed: ReadonlySet<number>): void {
  let kept = 0;
  for (let i = 0; i < array.length; i++) {
    if (!removed.has(i)) array[kept++] = array[i] as Json;
  }
  array.length = kept;
}

/** A set of places. */
class PlaceSet {
  readonly #keys = new Map<Json | undefined, Set<string | number>>();

  has({ parent, key }: Place): boolean {
    return this.#keys.get(parent?.value)?.has(key) ?? false;
  }

  add({ parent, key }: Place): void {
    const keys = this.#keys.get(parent?.value);
    if (keys === undefined) this.#keys.set(parent?.value, new Set([key]));
    else keys.add(key);
  }
}

/** Each place once. */
export function distinct(places: readonly Place[]): readonly Place[] {
  const seen = new PlaceSet();
  return places.filter((place) => {
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

/** Each place once, without those that lie in another of them. */
export function outermost(places: readonly Place[]): readonly Place[] {
  const all = new PlaceSet();
  for (const place of places) all.add(place);
  return distinct(places).filter(({ parent }) => !liesIn(all, parent));
}

function liesIn(places: PlaceSet, place: Place | undefined): boolean {
  if (place === undefined) return false;
  return places.has(place) || liesIn(places, place.parent);
}
