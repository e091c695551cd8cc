/**
 * Messages between the command thread and the storage thread. Keys and values travel packed in one buffer
 * that is transferred, because cloning many small objects costs more than reading them.
 */

import type { MessagePort } from 'node:worker_threads';
import { ByteReader } from '../../base/byte-reader.js';
import { ByteWriter } from '../../base/byte-writer.js';
import { DiskDbError, type ErrorCode } from '../../base/errors.js';
import type { Snapshot, StorageStatistics } from '../storage.js';
import type { ServiceOpening } from '../storage-service.js';
import type { Checkpoint } from '../store/checkpoint.js';
import type { Compression } from '../store/codec.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly directory: string;
  readonly compression: Compression;
  readonly reserveBytes: number;
  readonly reopenBytes: number;
  readonly store: {
    readonly path: string;
    readonly writeBufferBytes: number;
    readonly blockCacheBytes: number;
    readonly shared: true;
  };
  /** One number: how many answers to blocking requests have been posted (BlockingPort). */
  readonly answerCount: Int32Array;
  /** Blocking requests and their answers. */
  readonly port: MessagePort;
}

export type Request =
  | { readonly kind: 'open' | 'background' | 'snapshot' | 'statistics' | 'close' }
  /** In reply to `reopening`: the command thread holds no handle on the store. */
  | { readonly kind: 'reader-closed' }
  | { readonly kind: 'load'; readonly keys: Packed }
  | {
      readonly kind: 'range';
      readonly bounds: Packed;
      readonly reverse: boolean;
      readonly maxRecords: number;
      readonly maxBytes: number;
      readonly snapshot: number | undefined;
    }
  | ({ readonly kind: 'count' } & PackedRange)
  | ({ readonly kind: 'skip'; readonly reverse: boolean; readonly limit: number } & PackedRange)
  | { readonly kind: 'size'; readonly bounds: Packed }
  | { readonly kind: 'release'; readonly snapshot: number }
  | { readonly kind: 'fold'; readonly through: number };

/** See CountQuery. */
export interface PackedRange {
  readonly bounds: Packed;
  readonly present: Packed;
  readonly absent: Packed;
  readonly snapshot: number | undefined;
}

export type Answer =
  | { readonly kind: 'done' }
  /** Of the thread's own accord: it waits for `reader-closed`, then opens the store again. */
  | { readonly kind: 'reopening' }
  | { readonly kind: 'opening'; readonly opening: ServiceOpening }
  | { readonly kind: 'values'; readonly values: Packed }
  | {
      readonly kind: 'page';
      readonly keys: Packed;
      readonly values: Packed;
      readonly done: boolean;
    }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'skipped'; readonly count: number; readonly last: Packed }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'folded'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'statistics'; readonly statistics: StorageStatistics }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly message: string };

export interface Envelope<T> {
  readonly id: number;
  readonly body: T;
}

/** A list of byte strings, some perhaps absent: count(4), then per item varint(length + 1) and its bytes. */
export interface Packed {
  readonly bytes: Uint8Array;
}

export function packTexts(texts: readonly string[]): Packed {
  const writer = new ByteWriter(sizeOf(texts));
  writer.u32(texts.length);
  for (const text of texts) {
    writer.varint(text.length + 1);
    writer.latin1(text);
  }
  return { bytes: writer.view() };
}

export function packBuffers(buffers: readonly (Buffer | undefined)[]): Packed {
  const writer = new ByteWriter(sizeOf(buffers));
  writer.u32(buffers.length);
  for (const buffer of buffers) {
    writer.varint(buffer ? buffer.length + 1 : 0);
    if (buffer) writer.bytes(buffer);
  }
  return { bytes: writer.view() };
}

/** Strings of their own. */
export function unpackTexts({ bytes }: Packed): (string | undefined)[] {
  const reader = readerOf(bytes);
  const texts: (string | undefined)[] = new Array(reader.u32()).fill(undefined);
  for (let at = 0; at < texts.length; at++) {
    const length = reader.varint();
    if (length > 0) texts[at] = reader.latin1(length - 1);
  }
  return texts;
}

/** They share the memory of the message. */
export function unpackBuffers({ bytes }: Packed): Buffer[] {
  const reader = readerOf(bytes);
  const buffers: Buffer[] = [];
  for (let rest = reader.u32(); rest > 0; rest--) buffers.push(reader.bytes(reader.varint() - 1));
  return buffers;
}

/** The memory to transfer instead of to copy. */
export function transferOf(body: Request | Answer): ArrayBuffer[] {
  return packedIn(body).map(memoryOf);
}

function packedIn(body: Request | Answer): Packed[] {
  switch (body.kind) {
    case 'load':
      return [body.keys];
    case 'values':
      return [body.values];
    case 'page':
      return [body.keys, body.values];
    case 'count':
    case 'skip':
      return [body.bounds, body.present, body.absent];
    case 'skipped':
      return [body.last];
    case 'range':
    case 'size':
      return [body.bounds];
    default:
      return [];
  }
}

export function errorAnswer(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof DiskDbError ? error.code : 'STORE_FAILED';
  return { kind: 'error', code, message };
}

/** The answer, of the kind that belongs to the request. @throws the error that it carries */
export function expectAnswer<K extends Answer['kind']>(
  answer: Answer,
  kind: K,
): Extract<Answer, { kind: K }> {
  if (answer.kind === 'error') throw new DiskDbError(answer.code, answer.message);
  if (answer.kind === kind) return answer as Extract<Answer, { kind: K }>;
  throw new Error(`bug: an answer '${answer.kind}' where '${kind}' is due`);
}

function sizeOf(items: readonly (string | Buffer | undefined)[]): number {
  return items.reduce((sum, item) => sum + 5 + (item?.length ?? 0), 4);
}

/** A ByteWriter's memory is its own, never Node's shared pool, so it may be given away. */
function memoryOf({ bytes }: Packed): ArrayBuffer {
  return bytes.buffer as ArrayBuffer;
}

function readerOf(bytes: Uint8Array): ByteReader {
  return new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
