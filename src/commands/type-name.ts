/** What TYPE calls the types. */

import { type KeyRecord, type TypeNumber, typeOf, ValueType } from '../keyspace/header.js';

const NAMES: Readonly<Record<TypeNumber, string>> = {
  [ValueType.string]: 'string',
  [ValueType.list]: 'list',
  [ValueType.set]: 'set',
  [ValueType.zset]: 'zset',
  [ValueType.hash]: 'hash',
  [ValueType.stream]: 'stream',
  [ValueType.json]: 'ReJSON-RL',
};

export function typeName(record: KeyRecord): string {
  return NAMES[typeOf(record)];
}
