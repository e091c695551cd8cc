/** Membership filters on disk: `filters/<space>.filter` (docs/formats/records.md). A help, never needed. */

import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ByteReader } from '../base/byte-reader.js';
import { ByteWriter } from '../base/byte-writer.js';
import type { Files } from '../base/files.js';
import type { Logger } from '../base/log.js';
import { type FilterLayer, MembershipFilter, makeLayer } from './membership-filter.js';
import type { Space } from './space.js';

const MAGIC = 'DKDBFLT1';
const SUFFIX = '.filter';

export class FilterFiles {
  readonly #files: Files;
  readonly #directory: string;
  readonly #logger: Logger;

  constructor(files: Files, dataDirectory: string, logger: Logger) {
    this.#files = files;
    this.#directory = join(dataDirectory, 'filters');
    this.#logger = logger;
  }

  /** The saved filter of the space; an incomplete one if there is none that covers the checkpoint. */
  load(space: number, checkpoint: number): MembershipFilter {
    try {
      const saved = this.#read(this.#path(space));
      if (saved !== undefined && saved.segment >= checkpoint) {
        return new MembershipFilter(saved.layers);
      }
    } catch (error) {
      this.#logger.warn({ err: error, space }, 'a membership filter is damaged; it is made anew');
    }
    return new MembershipFilter([], false);
  }

  /** Saves the filters of the spaces, good for everything up to the segment; removes those of others. */
  async save(spaces: readonly Space[], segment: number): Promise<void> {
    this.#files.makeDirectorySync(this.#directory);
    const wanted = new Set<string>();
    for (const space of spaces) {
      if (!space.filter.complete) continue;
      wanted.add(`${space.id}${SUFFIX}`);
      await this.#write(this.#path(space.id), encode(space.filter, segment));
    }
    for (const name of this.#files.listSync(this.#directory)) {
      if (!wanted.has(name)) this.#files.removeSync(join(this.#directory, name));
    }
    await this.#files.syncDirectory(this.#directory);
  }

  #path(space: number): string {
    return join(this.#directory, `${space}${SUFFIX}`);
  }

  async #write(path: string, bytes: Buffer): Promise<void> {
    const temporary = `${path}.new`;
    if (this.#files.existsSync(temporary)) this.#files.removeSync(temporary);
    const file = this.#files.openSync(temporary, 'create');
    try {
      file.writeSync(bytes, 0);
      await file.dataSync();
    } finally {
      file.closeSync();
    }
    this.#files.renameSync(temporary, path);
  }

  #read(path: string): { segment: number; layers: FilterLayer[] } | undefined {
    if (!this.#files.existsSync(path)) return undefined;
    const file = this.#files.openSync(path, 'read');
    try {
      const bytes = Buffer.alloc(file.sizeSync());
      file.readSync(bytes, 0);
      return decode(bytes);
    } finally {
      file.closeSync();
    }
  }
}

function encode(filter: MembershipFilter, segment: number): Buffer {
  const writer = new ByteWriter(filter.bytes + 1024);
  writer.latin1(MAGIC);
  writer.u64(segment);
  writer.u32(filter.layers.length);
  for (const { capacity, keys, words } of filter.layers) {
    writer.u32(capacity);
    writer.u32(keys);
    writer.u32(words.byteLength);
    writer.bytes(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
  }
  writer.u32(crc32(writer.view()));
  return writer.view();
}

/** @throws RangeError if the bytes are not a filter's */
function decode(bytes: Buffer): { segment: number; layers: FilterLayer[] } {
  const reader = new ByteReader(bytes);
  const body = bytes.subarray(0, bytes.length - 4);
  if (reader.latin1(MAGIC.length) !== MAGIC) throw new RangeError('not a membership filter');
  if (crc32(body) !== bytes.readUInt32BE(body.length)) throw new RangeError('checksum mismatch');
  const segment = reader.u64();
  const layers = Array.from({ length: reader.u32() }, () => {
    const layer = makeLayer(reader.u32());
    layer.keys = reader.u32();
    const saved = reader.bytes(reader.u32());
    if (saved.length !== layer.words.byteLength) throw new RangeError('a layer of another size');
    new Uint8Array(layer.words.buffer).set(saved);
    return layer;
  });
  return { segment, layers };
}
