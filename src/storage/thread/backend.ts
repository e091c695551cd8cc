/** The storage service as the facade reaches it: in its own thread, or in the caller's. */

import type {
  CountQuery,
  RangePage,
  RangeQuery,
  Skipped,
  SkipQuery,
  Snapshot,
  StorageStatistics,
} from '../storage.js';
import type { ServiceOpening, StorageService } from '../storage-service.js';
import type { Checkpoint } from '../store/checkpoint.js';
import type { KeyRange, RecordPage, RecordRange } from '../store/record-reader.js';

export interface Backend {
  /** @throws DIRECTORY_LOCKED, STORE_FAILED, STORE_CORRUPT */
  open(): Promise<ServiceOpening>;
  /** Recovery is over: reclaiming and the like may run. */
  startBackground(): void;
  load(keys: readonly string[]): Promise<(string | undefined)[]>;
  loadSync(keys: readonly string[]): (string | undefined)[];
  range(query: RangeQuery): Promise<RangePage>;
  rangeSync(query: RangeQuery): RangePage;
  count(query: CountQuery): Promise<number>;
  skip(query: SkipQuery): Promise<Skipped>;
  sizeOf(from: string, to: string): Promise<number>;
  snapshot(): Promise<Snapshot>;
  release(snapshot: Snapshot): void;
  fold(through: number): Promise<Checkpoint>;
  statistics(): Promise<StorageStatistics>;
  close(): Promise<void>;
}

/** The service in the caller's thread. */
export class LocalBackend implements Backend {
  readonly #service: StorageService;

  constructor(service: StorageService) {
    this.#service = service;
  }

  open(): Promise<ServiceOpening> {
    return this.#service.open();
  }

  startBackground(): void {
    this.#service.startBackground();
  }

  async load(keys: readonly string[]): Promise<(string | undefined)[]> {
    return (await this.#service.records.load(keys.map(toBytes))).map(toOptionalText);
  }

  loadSync(keys: readonly string[]): (string | undefined)[] {
    return this.#service.records.loadSync(keys.map(toBytes)).map(toOptionalText);
  }

  async range(query: RangeQuery): Promise<RangePage> {
    return toPage(await this.#service.records.range(toRecordRange(query)));
  }

  rangeSync(query: RangeQuery): RangePage {
    return toPage(this.#service.records.rangeSync(toRecordRange(query)));
  }

  count(query: CountQuery): Promise<number> {
    return this.#service.records.count(toKeyRange(query));
  }

  async skip(query: SkipQuery): Promise<Skipped> {
    const { reverse, limit } = query;
    const { records } = this.#service;
    const { count, last } = await records.skip({ ...toKeyRange(query), reverse, limit });
    return { count, last: toOptionalText(last) };
  }

  sizeOf(from: string, to: string): Promise<number> {
    return this.#service.records.sizeOf(toBytes(from), toBytes(to));
  }

  snapshot(): Promise<Snapshot> {
    return this.#service.records.snapshot();
  }

  release(snapshot: Snapshot): void {
    this.#service.records.release(snapshot.id);
  }

  fold(through: number): Promise<Checkpoint> {
    return this.#service.fold(through);
  }

  statistics(): Promise<StorageStatistics> {
    return this.#service.statistics();
  }

  close(): Promise<void> {
    return this.#service.close();
  }
}

function toRecordRange(query: RangeQuery): RecordRange {
  const { maxRecords, maxBytes } = query;
  return {
    from: toBytes(query.from),
    to: toBytes(query.to),
    reverse: query.reverse ?? false,
    maxRecords,
    maxBytes,
    snapshot: query.snapshot?.id,
  };
}

function toKeyRange({ from, to, present, absent, snapshot }: CountQuery): KeyRange {
  return {
    from: toBytes(from),
    to: toBytes(to),
    present: present.map(toBytes),
    absent: absent.map(toBytes),
    snapshot: snapshot?.id,
  };
}

function toPage({ keys, values, done }: RecordPage): RangePage {
  return { keys: keys.map(toText), values: values.map(toText), done };
}

function toBytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function toText(bytes: Buffer): string {
  return bytes.latin1Slice(0, bytes.length);
}

function toOptionalText(bytes: Buffer | undefined): string | undefined {
  return bytes && toText(bytes);
}
