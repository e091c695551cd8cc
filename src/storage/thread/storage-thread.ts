/** The storage thread: a worker that runs the storage service and answers the command thread's messages. */

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.js';
import { systemFiles } from '../../base/system-files.js';
import { StorageService } from '../storage-service.js';
import { Codec } from '../store/codec.js';
import { LeveldbStore } from '../store/leveldb-store.js';
import type { KeyRange } from '../store/record-reader.js';
import { countAnswer } from './blocking-port.js';
import {
  type Answer,
  type Envelope,
  errorAnswer,
  type Packed,
  type PackedRange,
  packBuffers,
  type Request,
  type ThreadData,
  transferOf,
  unpackBuffers,
} from './messages.js';

assert(parentPort, 'the storage thread is started as a worker');
const parent = parentPort;
const data = workerData as ThreadData;
const { directory, compression, reserveBytes, reopenBytes, store } = data;

let readerClosed: () => void = () => undefined;

const service = new StorageService({
  files: systemFiles,
  directory,
  store: new LeveldbStore(store.path, store),
  codec: new Codec(compression),
  reserveBytes,
  reopenBytes,
  beforeReopen: () =>
    new Promise((resolve) => {
      readerClosed = resolve;
      parent.postMessage({ id: 0, body: { kind: 'reopening' } });
    }),
});

async function answer(request: Request): Promise<Answer> {
  try {
    return await perform(request);
  } catch (error) {
    return errorAnswer(error);
  }
}

async function perform(request: Request): Promise<Answer> {
  switch (request.kind) {
    case 'load':
      return {
        kind: 'values',
        values: packBuffers(await service.records.load(unpackBuffers(request.keys))),
      };
    case 'range':
      return readPage(request);
    case 'count':
      return { kind: 'number', value: await service.records.count(keyRange(request)) };
    case 'skip':
      return skipKeys(request);
    case 'size':
      return { kind: 'number', value: await service.records.sizeOf(...bounds(request)) };
    case 'open':
      return { kind: 'opening', opening: await service.open() };
    case 'background':
      service.startBackground();
      return { kind: 'done' };
    case 'snapshot':
      return { kind: 'snapshot', snapshot: await service.records.snapshot() };
    case 'release':
      service.records.release(request.snapshot);
      return { kind: 'done' };
    case 'fold':
      return { kind: 'folded', checkpoint: await service.fold(request.through) };
    case 'reader-closed':
      readerClosed();
      return { kind: 'done' };
    case 'statistics':
      return { kind: 'statistics', statistics: await service.statistics() };
    case 'close':
      await service.close();
      return { kind: 'done' };
  }
}

async function readPage(request: Extract<Request, { kind: 'range' }>): Promise<Answer> {
  const { reverse, maxRecords, maxBytes, snapshot } = request;
  const [from, to] = bounds(request);
  const page = await service.records.range({ from, to, reverse, maxRecords, maxBytes, snapshot });
  const { keys, values, done } = page;
  return { kind: 'page', keys: packBuffers(keys), values: packBuffers(values), done };
}

async function skipKeys(request: Extract<Request, { kind: 'skip' }>): Promise<Answer> {
  const { reverse, limit } = request;
  const range = { ...keyRange(request), reverse, limit };
  const { count, last } = await service.records.skip(range);
  return { kind: 'skipped', count, last: packBuffers([last]) };
}

function keyRange(request: PackedRange): KeyRange {
  const [from, to] = bounds(request);
  const present = unpackBuffers(request.present);
  const absent = unpackBuffers(request.absent);
  return { from, to, present, absent, snapshot: request.snapshot };
}

function bounds(request: { readonly bounds: Packed }): [from: Buffer, to: Buffer] {
  const [from, to] = unpackBuffers(request.bounds);
  assert(from && to, 'a range without bounds');
  return [from, to];
}

parent.on('message', async ({ id, body }: Envelope<Request>) => {
  const reply = await answer(body);
  parent.postMessage({ id, body: reply }, transferOf(reply));
  if (body.kind === 'close') {
    data.port.close();
    parent.close();
  }
});

data.port.on('message', async ({ id, body }: Envelope<Request>) => {
  const reply = await answer(body);
  data.port.postMessage({ id, body: reply }, transferOf(reply));
  countAnswer(data.answerCount);
});
