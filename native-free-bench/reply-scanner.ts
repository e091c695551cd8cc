/**
 * Finds where replies end in a RESP2 or RESP3 stream without building them: what a load generator needs to count.
 * A reply may be cut at any byte; the state between two chunks is a few numbers.
 */

const NEWLINE = 0x0a;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const NO_TYPE = 0;
const ERROR = code('-');
const BULK_ERROR = code('!');
const PUSH = code('>');

/** How the header line of a type continues: bulk = bytes follow, array = n values, map = 2n, attribute = 2n and the reply itself. */
type Shape = 'line' | 'bulk' | 'array' | 'map' | 'attribute';

const SHAPES: readonly (Shape | undefined)[] = shapeTable({
  line: '+-:_,#(',
  bulk: '$=!',
  array: '*~>',
  map: '%',
  attribute: '|',
});

export class ReplyScanner {
  /** Whole replies seen (out-of-band pushes are not replies). */
  replies = 0;
  /** How many of them were errors at the top level. */
  errors = 0;
  /** The text of the first error, for the report. */
  firstError = '';
  /** Whether the last call of `next` ended because a reply (or push) was complete. */
  complete = false;

  #type = NO_TYPE;
  #number = 0;
  #negative = false;
  /** Bytes of a bulk (with its line end) still to skip. */
  #skip = 0;
  /** Values still missing in the reply being read; 0 between replies. */
  #pending = 0;
  #isPush = false;

  /** Scans a whole chunk; gives the number of replies that ended in it. */
  feed(chunk: Buffer): number {
    const before = this.replies;
    let at = 0;
    while (at < chunk.length) at = this.next(chunk, at);
    return this.replies - before;
  }

  /** Scans from `at` until one reply ends or the chunk does; gives the offset after what was read. */
  next(chunk: Buffer, at: number): number {
    this.complete = false;
    let offset = at;
    while (offset < chunk.length && !this.complete) {
      offset = this.#skip > 0 ? this.#skipBulk(chunk, offset) : this.#readHeader(chunk, offset);
    }
    return offset;
  }

  #skipBulk(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#skip, chunk.length - at);
    this.#skip -= taken;
    if (this.#skip === 0) this.#valueEnded();
    return at + taken;
  }

  #readHeader(chunk: Buffer, at: number): number {
    const offset = this.#type === NO_TYPE ? this.#startValue(chunk, at) : at;
    return SHAPES[this.#type] === 'line'
      ? this.#skipLine(chunk, offset)
      : this.#readCount(chunk, offset);
  }

  #startValue(chunk: Buffer, at: number): number {
    const type = chunk[at] as number;
    if (SHAPES[type] === undefined) throw new Error(`not a reply: byte 0x${type.toString(16)}`);
    if (this.#pending === 0) this.#startReply(chunk, at, type);
    this.#type = type;
    this.#number = 0;
    this.#negative = false;
    return at + 1;
  }

  #startReply(chunk: Buffer, at: number, type: number): void {
    this.#pending = 1;
    this.#isPush = type === PUSH;
    if (type !== ERROR && type !== BULK_ERROR) return;
    this.errors++;
    if (this.firstError === '') this.firstError = lineAt(chunk, at);
  }

  #skipLine(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(NEWLINE, at);
    if (end < 0) return chunk.length;
    this.#valueEnded();
    return end + 1;
  }

  #readCount(chunk: Buffer, at: number): number {
    for (let offset = at; offset < chunk.length; offset++) {
      const byte = chunk[offset] as number;
      if (byte >= ZERO && byte <= NINE) this.#number = this.#number * 10 + byte - ZERO;
      else if (byte === MINUS) this.#negative = true;
      else if (byte === NEWLINE) {
        this.#countKnown();
        return offset + 1;
      }
    }
    return chunk.length;
  }

  #countKnown(): void {
    const count = this.#negative ? 0 : this.#number;
    const shape = SHAPES[this.#type];
    if (shape === 'bulk' && !this.#negative) {
      this.#skip = count + 2;
      return;
    }
    if (shape === 'array') this.#pending += count;
    if (shape === 'map' || shape === 'attribute') this.#pending += 2 * count;
    if (shape === 'attribute') this.#pending++;
    this.#valueEnded();
  }

  #valueEnded(): void {
    this.#type = NO_TYPE;
    if (--this.#pending > 0) return;
    this.complete = true;
    if (!this.#isPush) this.replies++;
  }
}

function code(character: string): number {
  return character.charCodeAt(0);
}

function shapeTable(types: Record<Shape, string>): (Shape | undefined)[] {
  const table = new Array<Shape | undefined>(256).fill(undefined);
  for (const [shape, characters] of Object.entries(types) as [Shape, string][]) {
    for (const character of characters) table[code(character)] = shape;
  }
  return table;
}

function lineAt(chunk: Buffer, at: number): string {
  const end = chunk.indexOf(NEWLINE, at);
  return chunk.toString('latin1', at, end < 0 ? chunk.length : end).trimEnd();
}
