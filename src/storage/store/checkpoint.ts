/** The records by which the store knows how far the log is folded into it (docs/formats/store.md). */

import { ByteReader } from '../../base/byte-reader.js';
import { ByteWriter } from '../../base/byte-writer.js';
import { DiskDbError } from '../../base/errors.js';
import type { Codec } from './codec.js';
import type { Store, StoreBatch } from './store.js';

const FORMAT = 1;
export const CHECKPOINT_KEY = Buffer.from('c!checkpoint', 'latin1');
const STATE_KEY = Buffer.from('c!state', 'latin1');
const REACHED_KEY = Buffer.from('c!reached', 'latin1');
const MARKER_PREFIX = 'c!marker';

export interface Checkpoint {
  /** Folds are numbered from 1, those that failed included; 0 in a new store. */
  readonly fold: number;
  /** How many batches, and so markers, the fold wrote. */
  readonly batches: number;
  /** The checkpoint before: the fold read the segments behind it. */
  readonly previous: number;
  /** Every change in this segment and before is in the store. */
  readonly segment: number;
  /** The last LSN of that segment. */
  readonly lsn: number;
}

export const NO_CHECKPOINT: Checkpoint = { fold: 0, batches: 0, previous: 0, segment: 0, lsn: 0 };

/** @throws STORE_CORRUPT, FORMAT_UNKNOWN */
export async function readCheckpoint(store: Store, codec: Codec): Promise<Checkpoint> {
  const stored = store.getSync(CHECKPOINT_KEY);
  if (!stored) return NO_CHECKPOINT;
  const reader = new ByteReader(await codec.decode(CHECKPOINT_KEY, stored));
  refuseNewer(reader.u16());
  const fold = reader.u64();
  const batches = reader.u32();
  const previous = reader.u32();
  const segment = reader.u32();
  return { fold, batches, previous, segment, lsn: reader.u64() };
}

export async function putCheckpoint(
  batch: StoreBatch,
  codec: Codec,
  checkpoint: Checkpoint,
): Promise<void> {
  const writer = new ByteWriter(64);
  writer.u16(FORMAT);
  writer.u64(checkpoint.fold);
  writer.u32(checkpoint.batches);
  writer.u32(checkpoint.previous);
  writer.u32(checkpoint.segment);
  writer.u64(checkpoint.lsn);
  batch.put(CHECKPOINT_KEY, await codec.encode(CHECKPOINT_KEY, writer.view()));
}

/** What heads the segment after `segment`, whose last LSN is `lsn`: a copy, should that head be lost. */
export interface StateCopy {
  readonly segment: number;
  readonly lsn: number;
  readonly state: string;
}

export async function putState(
  batch: StoreBatch,
  codec: Codec,
  { segment, lsn, state }: StateCopy,
): Promise<void> {
  const writer = new ByteWriter(64 + state.length);
  writer.u16(FORMAT);
  writer.u32(segment);
  writer.u64(lsn);
  writer.latin1(state);
  batch.put(STATE_KEY, await codec.encode(STATE_KEY, writer.view()));
}

/** undefined: no fold has written it. @throws STORE_CORRUPT, FORMAT_UNKNOWN */
export async function readState(store: Store, codec: Codec): Promise<StateCopy | undefined> {
  const stored = store.getSync(STATE_KEY);
  if (!stored) return undefined;
  const reader = new ByteReader(await codec.decode(STATE_KEY, stored));
  refuseNewer(reader.u16());
  const segment = reader.u32();
  const lsn = reader.u64();
  return { segment, lsn, state: reader.latin1(reader.remaining) };
}

function refuseNewer(format: number): void {
  if (format === FORMAT) return;
  throw new DiskDbError('FORMAT_UNKNOWN', `store format ${format} is newer than this server`);
}

/** The marker of the batch, which is the fold's batch of that number. */
export async function putMarker(
  batch: StoreBatch,
  codec: Codec,
  fold: number,
  number: number,
): Promise<void> {
  const key = markerKey(fold, number);
  const writer = new ByteWriter(8);
  writer.u64(fold);
  batch.put(key, await codec.encode(key, writer.view()));
}

/** The numbers of the batches of the checkpoint's fold that the store has lost. */
export async function missingMarkers(
  store: Store,
  codec: Codec,
  { fold, batches }: Checkpoint,
): Promise<number[]> {
  const missing: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const key = markerKey(fold, batch);
    const stored = store.getSync(key);
    const value = stored && (await codec.decode(key, stored));
    if (!value || new ByteReader(value).u64() !== fold) missing.push(batch);
  }
  return missing;
}

/** How far any fold has come, whether it was completed or not. */
export interface Reached {
  /** The last segment of which something was written to the store. */
  readonly segment: number;
  /** The number of the last fold that has written something. */
  readonly fold: number;
}

/** Each batch says so: what is lost of a fold takes no more than its own evidence with it. */
export async function putReached(
  batch: StoreBatch,
  codec: Codec,
  { segment, fold }: Reached,
): Promise<void> {
  const writer = new ByteWriter(16);
  writer.u16(FORMAT);
  writer.u32(segment);
  writer.u64(fold);
  batch.put(REACHED_KEY, await codec.encode(REACHED_KEY, writer.view()));
}

/** undefined: the record is damaged, or an early build wrote none. @throws FORMAT_UNKNOWN */
export async function readReached(
  store: Store,
  codec: Codec,
  { fold }: Checkpoint,
): Promise<Reached | undefined> {
  const stored = store.getSync(REACHED_KEY);
  if (!stored) return fold === 0 ? { segment: 0, fold } : undefined;
  try {
    const reader = new ByteReader(await codec.decode(REACHED_KEY, stored));
    refuseNewer(reader.u16());
    return { segment: reader.u32(), fold: reader.u64() };
  } catch (error) {
    if (error instanceof DiskDbError && error.code === 'STORE_CORRUPT') return undefined;
    throw error;
  }
}

function markerKey(fold: number, batch: number): Buffer {
  const writer = new ByteWriter(16);
  writer.latin1(MARKER_PREFIX);
  writer.u8(fold % 2);
  writer.u32(batch);
  return Buffer.from(writer.view());
}
