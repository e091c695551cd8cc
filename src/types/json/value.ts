/**
 * JSON values in memory. Text is UTF-8 as everywhere, a character a byte. Objects are maps: these keep the order
 * of keys, whatever they look like, and no key (`__proto__` …) means anything.
 */

import { isInteger, type JsonNumber, sameNumber, WholeDouble } from './number.js';

export type Json = null | boolean | string | JsonNumber | JsonArray | JsonObject;
export type JsonArray = Json[];
export type JsonObject = Map<string, Json>;
export type Container = JsonArray | JsonObject;

export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

export function isObject(value: Json): value is JsonObject {
  return value instanceof Map;
}

export function isContainer(value: Json): value is Container {
  return Array.isArray(value) || isObject(value);
}

export function isNumber(value: Json): value is JsonNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof WholeDouble;
}

/** As JSON.TYPE has it. */
export function typeOfJson(value: Json): JsonType {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'string';
  if (isNumber(value)) return isInteger(value) ? 'integer' : 'number';
  return Array.isArray(value) ? 'array' : 'object';
}

/** What is in a container, with the key or index of each. */
export function children(value: Json): Iterable<readonly [key: string | number, value: Json]> {
  if (Array.isArray(value)) return value.entries();
  return isObject(value) ? value.entries() : [];
}

/**
 * Gives the keys, each named once, the values, or with undefined removes them, in that order: as in RedisJSON, the key
 * that is last takes the place of one that is removed.
 */
export function changeKeys(
  object: JsonObject,
  changes: readonly (readonly [key: string, value: Json | undefined])[],
): void {
  const removes = changes.some(([key, value]) => value === undefined && object.has(key));
  if (removes) reorder(object, changes);
  else for (const [key, value] of changes) if (value !== undefined) object.set(key, value);
}

function reorder(
  object: JsonObject,
  changes: readonly (readonly [key: string, value: Json | undefined])[],
): void {
  const entries = [...object];
  const named = new Set(changes.map(([key]) => key));
  const places = new Map<string, number>();
  for (const [place, [key]] of entries.entries()) if (named.has(key)) places.set(key, place);
  for (const [key, value] of changes) {
    const place = places.get(key) ?? entries.length;
    if (value !== undefined) {
      entries[place] = [key, value];
      places.set(key, place);
    } else if (place < entries.length) {
      const last = entries.pop() as [string, Json];
      if (place === entries.length) continue;
      entries[place] = last;
      places.set(last[0], place);
    }
  }
  object.clear();
  for (const [key, value] of entries) object.set(key, value);
}

/** The same value: in whatever order an object has its keys. Numbers are equal as `equalNumbers` says. */
export function isEqual(
  left: Json,
  right: Json,
  equalNumbers: (a: JsonNumber, b: JsonNumber) => boolean = sameNumber,
): boolean {
  if (isNumber(left)) return isNumber(right) && equalNumbers(left, right);
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((value, i) => isEqual(value, right[i] as Json, equalNumbers));
  }
  if (!isObject(left)) return left === right;
  if (!isObject(right) || left.size !== right.size) return false;
  for (const [key, value] of left) {
    const other = right.get(key);
    if (other === undefined || !isEqual(value, other, equalNumbers)) return false;
  }
  return true;
}

/** A value of its own: what changes in one does not change in the other. */
export function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  return new Map([...value].map(([key, item]) => [key, copyOf(item)]));
}

/** Levels of containers: 0 of a scalar, 1 of an array of scalars. */
export function depthOf(value: Json): number {
  if (!isContainer(value)) return 0;
  let deepest = 0;
  for (const [, child] of children(value)) deepest = Math.max(deepest, depthOf(child));
  return deepest + 1;
}

/** Values in the value, itself included. */
export function countOf(value: Json): number {
  let count = 1;
  for (const [, child] of children(value)) count += isContainer(child) ? countOf(child) : 1;
  return count;
}

/** Estimates of what V8 takes, in bytes (measured: documents of many small objects, of numbers, of text). */
export const VALUE_BYTES = 8;
const DOUBLE_BYTES = 16;
export const TEXT_BYTES = 24;
export const ARRAY_BYTES = 48;
export const OBJECT_BYTES = 160;
export const KEY_BYTES = 24;

/** About what the value takes in memory. */
export function bytesOf(value: Json): number {
  if (typeof value === 'string') return VALUE_BYTES + TEXT_BYTES + value.length;
  if (isNumber(value)) return VALUE_BYTES + (Number.isInteger(value) ? 0 : DOUBLE_BYTES);
  if (!isContainer(value)) return VALUE_BYTES;
  let bytes = VALUE_BYTES + (Array.isArray(value) ? ARRAY_BYTES : OBJECT_BYTES);
  for (const [key, child] of children(value)) {
    bytes += bytesOf(child);
    if (typeof key === 'string') bytes += KEY_BYTES + key.length;
  }
  return bytes;
}
