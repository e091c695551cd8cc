/** What readers and writers of dumps work on. */

import { constants } from 'node:buffer';
import type { ByteReader } from '../../base/byte-reader.js';
import type { ByteWriter } from '../../base/byte-writer.js';
import type { Database } from '../../keyspace/database.js';
import type { CollectionEntry } from '../collection.js';
import type { CompactLimits } from '../hash/hash.js';
import type { SetLimits } from '../set/encoding.js';
import type { ListpackLimits } from '../sorted-set/sorted-set.js';
import { readBytes, readLength, readText } from './string.js';

/** What of the configuration matters to dumps. */
export interface DumpOptions {
  readonly compresses: boolean;
  /** Bytes of the longest string, and of the longest dump. */
  readonly longest: number;
  readonly hash: CompactLimits;
  readonly set: SetLimits;
  readonly sortedSet: ListpackLimits;
}

/** Where a value is restored. */
export interface Target {
  readonly db: Database;
  readonly key: string;
  readonly options: DumpOptions;
}

/**
 * Puts the value that follows its number at the key, without an expiry, whatever was there. Elements are written as
 * they are read: what fails leaves the transaction to be undone. @throws RangeError, ValueError BAD_FORMAT
 */
export type Reader = (reader: ByteReader, target: Target) => void;

/** Readers by the number that Redis has for what they read: never renumbered there. */
export type Readers = readonly (readonly [number: number, reader: Reader])[];

/** Writes a collection whose elements are the records of one table. */
export interface CollectionWriter {
  readonly table: number;
  /** Writes Redis's number for the value, and what stands before the count of its elements. */
  begin(out: ByteWriter): void;
  /** Writes what the record stands for; says how many it is of those that are counted. */
  element(out: ByteWriter, name: string, value: string): number;
  /** Writes what follows the elements; says how many of those that are counted are in it. */
  end(out: ByteWriter): number;
}

/** Reads at once what it needs beside the records of the table: these may come later, as they are now. */
export type MakeWriter = (
  db: Database,
  entry: CollectionEntry,
  compresses: boolean,
) => CollectionWriter;

/** Nothing follows. */
export function endHere(): number {
  return 0;
}

/** As many strings as the length before them says. */
export function* readTexts(reader: ByteReader, { options }: Target): Generator<string> {
  const count = readLength(reader);
  for (let i = 0; i < count; i++) yield readText(reader, options.longest);
}

/** The bytes of a packed value: short enough for what is in them to be text. */
export function readPacked(reader: ByteReader, { options }: Target): Buffer {
  return readBytes(reader, Math.min(options.longest, constants.MAX_STRING_LENGTH));
}

/** Collections are not empty, or there would be no key. */
export function expectElements(count: number): void {
  if (count === 0) throw new RangeError('a collection without elements');
}
