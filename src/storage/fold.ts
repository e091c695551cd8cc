/**
 * A fold: the segments above the checkpoint, reduced to the last change of each record, written to the
 * store in order, but for what has become garbage by then, or has come and gone since. It may stop anywhere and start over: the
 * same changes put twice are the same records, and what has come and gone is left out the first time only.
 */

import type { Files } from '../base/files.js';
import { yieldTurn } from '../base/yield-turn.js';
import { logCorrupt } from './errors.js';
import { Gathered } from './gathered.js';
import { ChangeReader } from './log/change-reader.js';
import { isBad, listSegments, SegmentReader, stateAtHead } from './log/segment.js';
import {
  type Checkpoint,
  putCheckpoint,
  putMarker,
  putReached,
  putState,
  readReached,
} from './store/checkpoint.js';
import type { Codec } from './store/codec.js';
import type { Store, StoreBatch } from './store/store.js';

/**
 * Bytes of last changes, and of ranges of garbage, that are gathered before they are written: this bounds a fold's memory.
 * A change that fits into the place of the one before it does not count, so what is written often goes to the store once.
 */
const GATHER_BYTES = 32 * 1024 * 1024;
/** Log decoded at a stretch. */
const DECODE_BYTES = 256 * 1024;
/** Bytes of one batch: it stays in memory until it is written, and synced, as a whole. */
const BATCH_BYTES = 1024 * 1024;
/** What a record takes in a batch besides its bytes. */
const RECORD_BYTES = 32;
/** Records encoded and handed over at a stretch: with compression about 2 ms. */
const ENCODE_RECORDS = 512;

export interface FoldOptions {
  readonly files: Files;
  readonly directory: string;
  readonly store: Store;
  readonly codec: Codec;
  readonly gatherBytes?: number;
  readonly batchBytes?: number;
}

export class Fold {
  readonly #options: FoldOptions;
  readonly #before: Checkpoint;
  #fold: number;
  /** The last segment of which this fold, or one before it, has written something. */
  #reached = 0;
  /** Another one once it is known whether something of the segments has been written before. */
  #gathered: Gathered;
  #decodedBytes = 0;
  #lastLsn: number;
  /** What is written next; undefined if there is nothing yet. */
  #batch: StoreBatch | undefined;
  #batchBytes = 0;
  #batches = 0;

  constructor(options: FoldOptions, before: Checkpoint) {
    this.#options = options;
    this.#before = before;
    this.#fold = before.fold + 1;
    this.#lastLsn = before.lsn;
    this.#gathered = new Gathered(before.lsn + 1, false);
  }

  /**
   * Folds the segments behind `previous` up to `through`, which must be on stable storage.
   * @returns the checkpoint, in the store when it resolves. @throws LOG_CORRUPT, STORE_FAILED, DISK_FULL
   */
  async run(previous: number, through: number): Promise<Checkpoint> {
    await this.#begin(previous, through);
    for (let segment = previous + 1; segment <= through; segment++) {
      await this.#gatherSegment(segment);
    }
    await this.#writeGathered();
    const checkpoint = {
      fold: this.#fold,
      batches: this.#batches + 1,
      previous,
      segment: through,
      lsn: this.#lastLsn,
    };
    await this.#addState(checkpoint);
    await putCheckpoint(this.#open(), this.#options.codec, checkpoint);
    await this.#writeBatch();
    // LevelDB drops damaged records of its own log without a word; the segments that could make up for it are
    // deleted after the next fold.
    await this.#options.store.flush();
    return checkpoint;
  }

  /** Markers of a fold that failed are not taken for those of this one, nor do they replace those of the last one that is complete. */
  async #begin(previous: number, through: number): Promise<void> {
    const { store, codec, files, directory } = this.#options;
    const before = this.#before;
    // No fold can have gone further than the log.
    const newest = Math.max(through, ...listSegments(files, directory));
    const unknown = { segment: newest, fold: before.fold };
    const reached = (await readReached(store, codec, before)) ?? unknown;
    while (this.#fold <= reached.fold) this.#fold += 2;
    this.#gathered = new Gathered(before.lsn + 1, reached.segment <= previous);
    this.#reached = Math.max(reached.segment, through);
  }

  async #addState({ segment, lsn }: Checkpoint): Promise<void> {
    const { files, directory, codec } = this.#options;
    const state = stateAtHead(files, directory, segment + 1);
    if (state === undefined) return;
    await putState(this.#open(), codec, { segment, lsn, state });
  }

  async #gatherSegment(segment: number): Promise<void> {
    const { files, directory } = this.#options;
    const reader = new SegmentReader(files, directory, segment);
    const changes = new ChangeReader();
    try {
      for (let frame = reader.next(); frame; frame = reader.next()) {
        if (isBad(frame)) throw logCorrupt(reader.path, frame.offset, frame.bad);
        for (const section of changes.read(frame)) {
          this.#gathered.add(section);
          this.#decodedBytes += section.end - section.start;
          if (this.#isFull || this.#decodedBytes >= DECODE_BYTES) await this.#rest();
        }
        this.#lastLsn = Math.max(this.#lastLsn, frame.lastLsn);
      }
    } finally {
      reader.close();
    }
  }

  /** As much has been gathered as may be. */
  get #isFull(): boolean {
    return this.#gathered.bytes >= (this.#options.gatherBytes ?? GATHER_BYTES);
  }

  async #rest(): Promise<void> {
    this.#decodedBytes = 0;
    if (this.#isFull) await this.#writeGathered();
    else await yieldTurn();
  }

  /** Between two of these the store holds a mixture of old and new; the checkpoint still says old. */
  async #writeGathered(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = gathered.next();
    await gathered.dead.sort();
    await this.#writeLatest(gathered);
    await this.#writePatched(gathered);
    if (this.#batch !== undefined) await this.#writeBatch();
  }

  async #writeLatest({ latest, dead }: Gathered): Promise<void> {
    const { codec } = this.#options;
    let records = 0;
    for (const place of await latest.sorted()) {
      const key = latest.keyOf(place);
      if (!dead.has(key)) {
        const value = latest.storedOf(place);
        const encoded = value && codec.encodeInPlace(key, value);
        this.#add(key, encoded instanceof Promise ? await encoded : encoded);
      }
      if (this.#isBatchFull) await this.#writeBatch();
      else if (++records % ENCODE_RECORDS === 0) await yieldTurn();
    }
  }

  /** What they go over this fold has written itself, and nothing is reclaimed meanwhile. */
  async #writePatched({ latest, dead, patches }: Gathered): Promise<void> {
    const { store, codec } = this.#options;
    for (const key of patches.keys()) {
      if (latest.has(key) || dead.has(key)) continue;
      const [stored] = await store.getMany([key]);
      const value = stored && (await codec.decode(key, stored));
      this.#add(key, await codec.encode(key, patches.apply(key, value)));
      if (this.#isBatchFull) await this.#writeBatch();
    }
  }

  get #isBatchFull(): boolean {
    return this.#batchBytes >= (this.#options.batchBytes ?? BATCH_BYTES);
  }

  #open(): StoreBatch {
    this.#batch ??= this.#options.store.batch();
    return this.#batch;
  }

  #add(key: Buffer, stored: Buffer | undefined): void {
    const batch = this.#open();
    if (stored === undefined) batch.delete(key);
    else batch.put(key, stored);
    this.#batchBytes += key.length + (stored?.length ?? 0) + RECORD_BYTES;
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#open();
    this.#batch = undefined;
    this.#batchBytes = 0;
    await putMarker(batch, this.#options.codec, this.#fold, this.#batches++);
    await putReached(batch, this.#options.codec, { segment: this.#reached, fold: this.#fold });
    await batch.write();
    await yieldTurn();
  }
}
