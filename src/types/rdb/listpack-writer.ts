/** Makes a listpack, element by element (docs/formats/dump.md). */

import { ByteWriter } from '../../base/byte-writer.js';
import { integer64 } from '../../base/integer.js';
import { backBytes, COUNT_UNKNOWN, END, HEADER_BYTES } from './listpack.js';
import type { PackedElement } from './packed.js';

export class ListpackWriter {
  readonly #out = new ByteWriter();
  #count = 0;

  constructor() {
    this.#out.bytes(new Uint8Array(HEADER_BYTES));
  }

  /** Adds an element; a text that is an integer is added as one. */
  add(element: PackedElement): void {
    const start = this.#out.length;
    const integer = typeof element === 'string' ? integer64(element) : element;
    if (integer === undefined) this.#string(element as string);
    else this.#integer(integer);
    this.#back(this.#out.length - start);
    this.#count++;
  }

  /** The listpack, whole. */
  end(): Buffer {
    const out = this.#out;
    out.u8(END);
    const bytes = out.view();
    bytes.writeUInt32LE(bytes.length, 0);
    bytes.writeUInt16LE(Math.min(this.#count, COUNT_UNKNOWN), 4);
    return bytes;
  }

  #integer(value: number | bigint): void {
    const out = this.#out;
    if (value >= 0 && value < 0x80) {
      out.u8(Number(value));
    } else if (value >= -0x1000 && value < 0x1000) {
      out.u16(0xc000 | (Number(value) & 0x1fff));
    } else {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(BigInt(value));
      const { mark, size } = widthOf(value);
      out.u8(mark);
      out.bytes(bytes.subarray(0, size));
    }
  }

  #string(text: string): void {
    const out = this.#out;
    if (text.length < 0x40) {
      out.u8(0x80 | text.length);
    } else if (text.length < 0x1000) {
      out.u16(0xe000 | text.length);
    } else {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(text.length);
      out.u8(0xf0);
      out.bytes(bytes);
    }
    out.latin1(text);
  }

  #back(size: number): void {
    const count = backBytes(size);
    for (let i = 0; i < count; i++) {
      const group = (size >>> (7 * (count - 1 - i))) & 0x7f;
      this.#out.u8(i === 0 ? group : group | 0x80);
    }
  }
}

interface Width {
  readonly mark: number;
  readonly size: number;
  readonly least: number;
}

const WIDTHS: readonly Width[] = [
  { mark: 0xf1, size: 2, least: -(2 ** 15) },
  { mark: 0xf2, size: 3, least: -(2 ** 23) },
  { mark: 0xf3, size: 4, least: -(2 ** 31) },
  { mark: 0xf4, size: 8, least: -(2 ** 63) },
];

function widthOf(value: number | bigint): Width {
  return WIDTHS.find(({ least }) => value >= least && value < -least) as Width;
}
