/** Reads what ByteWriter wrote, checking every length against the end of the buffer. */

export class ByteReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  offset: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer;
    this.#end = end;
    this.offset = start;
  }

  get remaining(): number {
    return this.#end - this.offset;
  }

  u8(): number {
    return this.#buffer[this.#take(1)] as number;
  }

  u16(): number {
    return this.#buffer.readUInt16BE(this.#take(2));
  }

  u32(): number {
    return this.#buffer.readUInt32BE(this.#take(4));
  }

  u64(): number {
    return this.u32() * 0x1_0000_0000 + this.u32();
  }

  varint(): number {
    let value = 0;
    for (let scale = 1, bytes = 0; bytes < 5; scale *= 0x80, bytes++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint of more than five bytes');
  }

  /** A string of its own: it keeps nothing of the buffer alive. */
  latin1(count: number): string {
    const start = this.#take(count);
    return this.#buffer.latin1Slice(start, start + count);
  }

  /** Shares memory with the buffer. */
  bytes(count: number): Buffer {
    const start = this.#take(count);
    return this.#buffer.subarray(start, start + count);
  }

  #take(count: number): number {
    const start = this.offset;
    if (count > this.#end - start) {
      throw new RangeError(`${count} bytes wanted at ${start}, ${this.#end - start} left`);
    }
    this.offset = start + count;
    return start;
  }
}
