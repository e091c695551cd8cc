/** What the storage tests share: a sink that remembers, and short words for writing to the log. */

import { ByteWriter } from '../../src/base/byte-writer.js';
import { SimulatedFiles } from '../../src/base/simulated-files.js';
import { DiskStorage } from '../../src/storage/disk-storage.js';
import type { DiskStorageOptions } from '../../src/storage/disk-storage-options.js';
import { patched, patchLength, writePatch } from '../../src/storage/log/patch.js';
import {
  ChangeFlag,
  ChangeKind,
  type Log,
  type LoggedChange,
  type ReplaySink,
} from '../../src/storage/storage.js';
import { writeGarbageKey, writeGarbageValue } from '../../src/storage/store/garbage.js';
import { MemoryStore } from '../../src/storage/store/memory-store.js';

export const DIRECTORY = '/data';

export class RecordingSink implements ReplaySink {
  state: string | undefined;
  checkpoint = 0;
  readonly changes: LoggedChange[] = [];
  readonly folds: number[] = [];
  foldBetween = false;

  restore(state: string | undefined, checkpoint: number): void {
    this.state = state;
    this.checkpoint = checkpoint;
  }

  apply(change: LoggedChange): void {
    this.changes.push(change);
  }

  wantsFold(): boolean {
    return this.foldBetween;
  }

  folded(segment: number): void {
    this.folds.push(segment);
  }
}

export interface World {
  readonly files: SimulatedFiles;
  readonly store: MemoryStore;
}

export function newWorld(): World {
  return { files: new SimulatedFiles(), store: new MemoryStore() };
}

export interface Opened {
  readonly storage: DiskStorage;
  readonly sink: RecordingSink;
  readonly warnings: string[];
}

export async function openWorld(
  world: World,
  options: Partial<DiskStorageOptions> & { sink?: RecordingSink } = {},
): Promise<Opened> {
  const { sink = new RecordingSink() } = options;
  const warnings: string[] = [];
  const storage = await DiskStorage.open({
    directory: DIRECTORY,
    state: () => 'opened',
    files: world.files,
    store: world.store,
    onWarning: (message) => warnings.push(message),
    ...options,
    sink,
  });
  return { storage, sink, warnings };
}

/** Appends one change to the open transaction; undefined deletes. `creates`: there was no such record. */
export function change(log: Log, key: string, value: string | undefined, creates = false): void {
  const put = creates ? ChangeKind.put | ChangeFlag.created : ChangeKind.put;
  log.change(value === undefined ? ChangeKind.delete : put, key.length, value?.length ?? 0);
  log.writer.latin1(key);
  if (value !== undefined) log.writer.latin1(value);
}

/** Appends a change to the open transaction that puts the bytes over the record's value from `offset` on. */
export function patch(log: Log, key: string, offset: number, bytes: string): void {
  log.change(ChangeKind.patch, key.length, patchLength(bytes.length));
  log.writer.latin1(key);
  writePatch(log.writer, offset, bytes);
}

/** One transaction. */
export function transaction(log: Log, pairs: Record<string, string | undefined>): void {
  log.beginTransaction();
  for (const [key, value] of Object.entries(pairs)) change(log, key, value);
  log.endTransaction();
}

/** One transaction, flushed. */
export function write(log: Log, pairs: Record<string, string | undefined>): void {
  transaction(log, pairs);
  log.flush();
}

/** What the store holds under the replayed changes: all there is after a recovery. */
export async function contents({ storage, sink }: Opened): Promise<Record<string, string>> {
  const page = await storage.range({
    from: 'd',
    to: 'z',
    maxRecords: 1e6,
    maxBytes: 1e9,
  });
  const all = new Map(page.keys.map((key, at) => [key, page.values[at] ?? '']));
  for (const { kind, key, value } of sink.changes) {
    if (kind === ChangeKind.delete) all.delete(key);
    else if (kind === ChangeKind.patch) all.set(key, patched(key, all.get(key), 0, value));
    else all.set(key, value);
  }
  return Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function segmentFile(segment: number): string {
  return `${DIRECTORY}/wal/${String(segment).padStart(10, '0')}.wal`;
}

/** The record that gives up the range, as `write` takes it. */
export function garbage(sequence: number, from: string, to: string): Record<string, string> {
  const key = new ByteWriter();
  writeGarbageKey(key, sequence);
  const value = new ByteWriter();
  writeGarbageValue(value, from, to);
  return { [key.view().toString('latin1')]: value.view().toString('latin1') };
}

/** A key and behind it a patch of its record, as they stand in the log. */
export function patchOf(name: string, offset: number, bytes: Buffer): Buffer {
  const writer = new ByteWriter();
  writer.latin1(name);
  writePatch(writer, offset, bytes.toString('latin1'));
  return Buffer.from(writer.view());
}
