/**
 * Whether the records of a store fit together: each collection has as many records as its header says, none is without
 * its header or its garbage record, and the index of times has what expires. Of a store as of a checkpoint.
 */

import { ByteReader } from '../../src/base/byte-reader.js';
import {
  ExpiryKind,
  isDataRecord,
  isExpiryRecord,
  isKeyRecord,
  parseDataKey,
  parseExpiryKey,
  parseHeader,
  parseKeyRecordKey,
} from '../../src/keyspace/encoding.js';
import { fieldExpiryOf } from '../../src/keyspace/field-expiry.js';
import { expireAtOf, Header, NEVER, ValueType } from '../../src/keyspace/header.js';

const FRAGMENT_BYTES = 16_384;
const GARBAGE_FAMILY = 'g';

type Records = ReadonlyMap<string, string>;

interface Range {
  readonly from: string;
  readonly to: string;
}

/** The records of one collection by their names (`sub`). */
type Collections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** A sentence for each thing that is wrong. */
export function auditRecords(records: Records): string[] {
  const garbage = garbageOf(records);
  const isGarbage = (key: string): boolean =>
    garbage.some(({ from, to }) => key >= from && key < to);
  const living = new Map([...records].filter(([key]) => !isGarbage(key)));
  return [...auditCollections(living), ...auditExpiries(living)];
}

function garbageOf(records: Records): Range[] {
  const values = [...records].filter(([key]) => key.startsWith(GARBAGE_FAMILY));
  return values.map(([, value]) => {
    const reader = new ByteReader(Buffer.from(value, 'latin1'));
    const from = reader.latin1(reader.varint());
    return { from, to: reader.latin1(reader.remaining) };
  });
}

function auditCollections(records: Records): string[] {
  const collections = collectionsIn(records);
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const [key, value] of records) {
    if (!isKeyRecord(key)) continue;
    const { record } = parseHeader(value);
    if (typeof record === 'string' || record.version === 0) continue;
    const { space, name } = parseKeyRecordKey(key);
    const id = `${space}/${record.dataSlot}/${record.version}`;
    if (owners.has(id)) problems.push(`${id} belongs to ${owners.get(id)} and to ${name}`);
    owners.set(id, name);
    const found = problemsOf(record, collections.get(id) ?? new Map());
    problems.push(...found.map((what) => `${space}/${name.slice(0, 40)}: ${what}`));
  }
  const orphans = [...collections.keys()].filter((id) => !owners.has(id));
  return [...problems, ...orphans.map((id) => `the records of ${id} belong to no key`)];
}

function collectionsIn(records: Records): Collections {
  const collections = new Map<string, Map<string, string>>();
  for (const [key, value] of records) {
    if (!isDataRecord(key)) continue;
    const { space, slot, version, sub } = parseDataKey(key);
    const id = `${space}/${slot}/${version}`;
    const collection = collections.get(id) ?? new Map<string, string>();
    collections.set(id, collection.set(sub, value));
  }
  return collections;
}

/** What each type's header says of its tables: expected numbers of records, and found ones. */
const EXPECTATIONS: Readonly<
  Record<number, (header: Header, data: ReadonlyMap<string, string>) => [string, number, number][]>
> = {
  [ValueType.string]: (header, data) => {
    const last = Math.ceil(header.count / FRAGMENT_BYTES);
    return [['fragments beyond the end', 0, Math.max(0, data.size - last)]];
  },
  [ValueType.list]: ({ count }, data) => [['elements', count, inTable(data, 6)]],
  [ValueType.set]: ({ count }, data) => [['members', count, inTable(data, 3)]],
  [ValueType.zset]: ({ count }, data) => [
    ['members', count, inTable(data, 4)],
    ['scores', count, inTable(data, 5)],
  ],
  [ValueType.hash]: ({ count }, data) => [['fields', count, inTable(data, 2)]],
  [ValueType.stream]: ({ count }, data) => [
    ['entries', count, inTable(data, 7)],
    ['pending entries of consumers', pendingIn(data, 0), pendingIn(data, 1)],
  ],
};

function problemsOf(header: Header, data: ReadonlyMap<string, string>): string[] {
  const expectations = EXPECTATIONS[header.type]?.(header, data) ?? [];
  return expectations.flatMap(([what, expected, found]) =>
    expected === found ? [] : [`${found} ${what}, not ${expected}`],
  );
}

function inTable(data: ReadonlyMap<string, string>, table: number): number {
  return [...data.keys()].filter((sub) => sub.charCodeAt(0) === table).length;
}

/** In the order of the group (0), or of its consumers (1): behind the table and the group's number. */
function pendingIn(data: ReadonlyMap<string, string>, order: number): number {
  return [...data.keys()].filter((sub) => sub.charCodeAt(0) === 10 && sub.charCodeAt(5) === order)
    .length;
}

function auditExpiries(records: Records): string[] {
  const indexed = new Set<string>();
  for (const key of records.keys()) {
    if (!isExpiryRecord(key)) continue;
    const { at, kind, place } = parseExpiryKey(key);
    indexed.add(`${kind} ${place.space}/${place.name} at ${at}`);
  }
  const problems: string[] = [];
  for (const [key, value] of records) {
    if (!isKeyRecord(key)) continue;
    const { space, name } = parseKeyRecordKey(key);
    const { record } = parseHeader(value);
    const fieldAt = record instanceof Header ? fieldExpiryOf(record) : NEVER;
    for (const [kind, at] of [
      [ExpiryKind.key, expireAtOf(record)],
      [ExpiryKind.field, fieldAt],
    ] as const) {
      const entry = `${kind} ${space}/${name} at ${at}`;
      if (at !== NEVER && !indexed.delete(entry)) problems.push(`not in the index: ${entry}`);
    }
  }
  const spaces = new Set(
    [...records.keys()].filter(isKeyRecord).map((key) => parseKeyRecordKey(key).space),
  );
  const left = [...indexed].filter((entry) => spaces.has(Number(/ (\d+)\//.exec(entry)?.[1])));
  return [...problems, ...left.map((entry) => `in the index, but of no key: ${entry}`)];
}
