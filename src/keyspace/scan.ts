/**
 * SCAN and RANDOMKEY: pages of the store merged with what is dirty in memory, or for RANDOMKEY the residents alone while
 * these are all keys. They load and evict nothing (see all-keys.ts for KEYS).
 *
 * Keys are ordered by position: slot, then hash. A store page stays true as long as the checkpoint it was read
 * at is pinned or unchanged: whatever changed since is resident, and the resident wins.
 */

import type { RangePage } from '../storage/storage.js';
import { parseHeader, parseKeyRecordKey, scanPosition, spaceRange } from './encoding.js';
import type { Entry } from './entry.js';
import type { KeyRecord } from './header.js';
import { isExpired } from './header.js';
import { SLOTS } from './key-name.js';
import type { Keyspace } from './keyspace.js';
import type { Space } from './space.js';

const HASHES = 0x1_0000_0000;
const END = SLOTS * HASHES;
/** Of the store, at a time. */
export const PAGE_BYTES = 4 * 1024 * 1024;
/** Residents that RANDOMKEY draws before it goes on from a place, since all of them may be expired or known to be absent. */
const DRAWS_MAX = 16;

export interface ScannedKey {
  readonly key: string;
  readonly record: KeyRecord;
}

/** `cursor` goes on behind the keys; 0 is the end. */
export interface ScannedPage {
  readonly keys: readonly ScannedKey[];
  readonly cursor: number;
}

/** What is walked through, and whether it goes on behind what is read of it. */
interface Walk {
  readonly keyspace: Keyspace;
  readonly space: Space;
  readonly readsAhead: boolean;
}

interface Placed extends ScannedKey {
  readonly position: number;
}

interface Merge {
  readonly found: Placed[];
  /** Positions from here on were not looked at. */
  readonly end: number;
}

/**
 * About `count` keys of the database from the cursor on; expired ones are left out. The cursor is a position:
 * stateless, exact across restarts. 0 starts, and is returned at the end.
 */
export function scanKeys(
  keyspace: Keyspace,
  index: number,
  cursor: number,
  count: number,
): ScannedPage {
  const space = keyspace.databases.spaces[index];
  if (space === undefined) return { keys: [], cursor: 0 };
  return scanFrom({ keyspace, space, readsAhead: true }, cursor, count);
}

function scanFrom(walk: Walk, cursor: number, count: number): ScannedPage {
  if (cursor >= END) return { keys: [], cursor: 0 };
  const merge = readFrom(walk, cursor, count);
  const { now } = walk.keyspace.transaction;
  const keys = merge.found.filter(({ record }) => !isExpired(record, now));
  return { keys, cursor: merge.end === END ? 0 : merge.end };
}

/** A key by chance, or undefined if there is none: one of the next from a random position. */
export function randomKey(keyspace: Keyspace, index: number): string | undefined {
  const space = keyspace.databases.spaces[index];
  if (space === undefined) return undefined;
  const resident = residentByChance(keyspace, space);
  if (resident !== undefined) return resident;
  const walk = { keyspace, space, readsAhead: false };
  const start = Math.floor(keyspace.transaction.random() * END);
  return nextKey(walk, start, END) ?? nextKey(walk, 0, start);
}

/** While all keys are resident the store need not be asked; undefined if some are not, or those tried had expired. */
function residentByChance({ transaction }: Keyspace, space: Space): string | undefined {
  if (!space.isResident) return undefined;
  for (let tries = 0; tries < DRAWS_MAX; tries++) {
    const entry = space.randomResident(transaction.random);
    if (entry?.record !== undefined && !isExpired(entry.record, transaction.now)) return entry.key;
  }
  return undefined;
}

function nextKey(walk: Walk, start: number, end: number): string | undefined {
  const { random } = walk.keyspace.transaction;
  for (let cursor = start; ; ) {
    const page = scanFrom(walk, cursor, 10);
    // Any of them, not the first: a page has what is dirty before what is stored.
    const chosen = page.keys[Math.floor(random() * page.keys.length)];
    if (chosen !== undefined) return chosen.key;
    if (page.cursor === 0 || page.cursor >= end) return undefined;
    cursor = page.cursor;
  }
}

/** Keys at positions from `start` on; doubles what it asks for until the page moves forward. */
function readFrom(walk: Walk, start: number, count: number): Merge {
  for (let limit = count + 1; ; limit *= 2) {
    const page = storePage(walk, start, limit);
    const last = page.keys[page.keys.length - 1];
    const end = page.done || last === undefined ? END : positionOfRecord(last);
    if (end > start) return merge(walk.keyspace, walk.space, page, { start, end, count });
  }
}

/** Its name holds the checkpoint: a page read before a fold ended is asked for again. */
function storePage({ keyspace, space, readsAhead }: Walk, start: number, limit: number): RangePage {
  const { storage, transaction, readAhead } = keyspace;
  if (!space.mayBeStored(storage.checkpoint)) return { keys: [], values: [], done: true };
  const query = {
    from: scanPosition(space.id, Math.floor(start / HASHES), start % HASHES),
    to: spaceRange('m', space.id).to,
    maxRecords: limit,
    maxBytes: PAGE_BYTES,
  };
  const known = readAhead.find(query, storage.checkpoint);
  if (known !== undefined) return known;
  if (transaction.escalated) return storage.rangeSync(query);
  const name = `scan:${space.id}:${start}:${limit}:${storage.checkpoint}`;
  const read = (): Promise<RangePage> =>
    readsAhead ? readAhead.read(query, storage) : storage.range(query);
  return transaction.await(name, read);
}

function merge(
  keyspace: Keyspace,
  space: Space,
  page: RangePage,
  within: { start: number; end: number; count: number },
): Merge {
  const { checkpoint } = keyspace.storage;
  const { dirty, end } = dirtyKeys(space, checkpoint, within);
  const found = dirty;
  page.keys.forEach((recordKey, i) => {
    const place = parseKeyRecordKey(recordKey);
    const position = positionOf(place.slot, place.hash);
    const entry = space.resident(place);
    if (position >= end || (entry !== undefined && entry.segment > checkpoint)) return;
    const { record, key } = parseHeader(page.values[i] as string);
    found.push({ key: key ?? place.name, record, position });
  });
  return { found, end };
}

/** Dirty keys in the range, part by part; the range ends early once there are more than `count`. */
function dirtyKeys(
  space: Space,
  checkpoint: number,
  { start, end, count }: { start: number; end: number; count: number },
): { dirty: Placed[]; end: number } {
  const dirty: Placed[] = [];
  for (const part of partsOf(space, start, end)) {
    for (const entry of part.residents) {
      const placed = placeDirty(entry, checkpoint);
      if (placed !== undefined && isWithin(placed, part)) dirty.push(placed);
    }
    if (dirty.length > count) return cutAfter(dirty, start, part.end, count);
  }
  return { dirty, end };
}

interface Part {
  readonly start: number;
  readonly end: number;
  /** All that are in the part, and others. */
  readonly residents: Iterable<Entry>;
}

function isWithin({ position }: Placed, { start, end }: Part): boolean {
  return position >= start && position < end;
}

/** The positions from `start` to `end`, in order. */
function* partsOf(space: Space, start: number, end: number): Generator<Part> {
  for (let at = start; at < end; ) {
    const isWhole = at % HASHES === 0 && at + HASHES <= end;
    const part = isWhole ? wholeSlots(space, at, end) : partOfSlot(space, at, end);
    yield part;
    at = part.end;
  }
}

/** The slots from `start` on that end before `end` and share a shard. */
function wholeSlots(space: Space, start: number, end: number): Part {
  const slot = start / HASHES;
  const shardEnd = (space.lastSlotAround(slot) + 1) * HASHES;
  const lastWhole = Math.floor(end / HASHES) * HASHES;
  return { start, end: Math.min(shardEnd, lastWhole), residents: space.residentsAround(slot) };
}

/** Hashes of one slot, up to its end or `end`. */
function partOfSlot(space: Space, start: number, end: number): Part {
  const slot = Math.floor(start / HASHES);
  const partEnd = Math.min((slot + 1) * HASHES, end);
  const residents = space.residentsBetween(slot, start % HASHES, (partEnd - 1) % HASHES);
  return { start, end: partEnd, residents };
}

/** The first `count` keys and those that share the position of the last one of them. */
function cutAfter(dirty: Placed[], start: number, end: number, count: number) {
  dirty.sort((a, b) => a.position - b.position);
  const beyond = dirty.find((placed, i) => i >= count && placed.position > start);
  const cut = beyond === undefined ? end : Math.min(end, beyond.position);
  return { dirty: dirty.filter((placed) => placed.position < cut), end: cut };
}

function placeDirty(entry: Entry, checkpoint: number): Placed | undefined {
  if (entry.segment <= checkpoint || entry.record === undefined) return undefined;
  const { key, record, slot, hash } = entry;
  return { key, record, position: positionOf(slot, hash) };
}

function positionOf(slot: number, hash: number): number {
  return slot * HASHES + (hash >>> 0);
}

function positionOfRecord(recordKey: string): number {
  const { slot, hash } = parseKeyRecordKey(recordKey);
  return positionOf(slot, hash);
}
