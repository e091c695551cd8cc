/** A map with several values to a key. Most keys have one: a set of its own for each of them would take more than all the rest. */

export class MultiMap<K, V extends object> {
  /** A value that stands alone is no set itself. */
  readonly #values = new Map<K, V | Set<V>>();
  #pairs = 0;

  /** How many keys have a value. */
  get size(): number {
    return this.#values.size;
  }

  /** How many values all keys have. */
  get pairs(): number {
    return this.#pairs;
  }

  has(key: K): boolean {
    return this.#values.has(key);
  }

  /** In the order in which they got their first value. */
  keys(): Iterable<K> {
    return this.#values.keys();
  }

  /** The first `count` of them, or all. */
  oldest(count: number): K[] {
    const keys: K[] = [];
    for (const key of this.#values.keys()) {
      if (keys.length >= count) break;
      keys.push(key);
    }
    return keys;
  }

  /** In the order in which they were added. */
  get(key: K): readonly V[] {
    const values = this.#values.get(key);
    if (values === undefined) return [];
    return values instanceof Set ? [...values] : [values];
  }

  /** False if the key has it already. */
  add(key: K, value: V): boolean {
    const values = this.#values.get(key);
    if (values === value) return false;
    if (values === undefined) this.#values.set(key, value);
    else if (!(values instanceof Set)) this.#values.set(key, new Set([values, value]));
    else if (values.has(value)) return false;
    else values.add(value);
    this.#pairs++;
    return true;
  }

  /** False if the key does not have it. */
  delete(key: K, value: V): boolean {
    const values = this.#values.get(key);
    const isAlone = values === value;
    if (!isAlone && !(values instanceof Set && values.delete(value))) return false;
    if (isAlone || (values as Set<V>).size === 0) this.#values.delete(key);
    this.#pairs--;
    return true;
  }

  /** The same as `get`, and the key has none any more. */
  take(key: K): readonly V[] {
    const values = this.get(key);
    this.#values.delete(key);
    this.#pairs -= values.length;
    return values;
  }
}
