/** Numbers and strings as bytes of a latin1 text, one character a byte: what types keep in records. Big-endian. */

const TWO_32 = 0x1_0000_0000;

/** The same text by itself: not as a tree of the parts it was made of, and not as a part of a longer one. */
export function ownText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Text of a file as the bytes that clients send: its UTF-8. */
export function utf8Text(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The other way. */
export function textOfUtf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export function isUtf8(bytes: string): boolean {
  return utf8Text(textOfUtf8(bytes)) === bytes;
}

/** Compares two, for sorting: the order of strings is by code unit, which for latin1 is by byte. */
export function byBytes(a: string, b: string): number {
  if (a < b) return -1;
  return a === b ? 0 : 1;
}

/** Four bytes. */
export function text32(value: number): string {
  return String.fromCharCode(
    (value >>> 24) & 0xff,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  );
}

/** Eight bytes of a whole number of at most 2^53 - 1. */
export function text64(value: number): string {
  return text32(Math.floor(value / TWO_32)) + text32(value % TWO_32);
}

/** Unsigned LEB128 of a whole number of at most 2^53 - 1. */
export function varintText(value: number): string {
  let text = '';
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    text += String.fromCharCode((rest % 0x80) | 0x80);
  }
  return text + String.fromCharCode(rest);
}

/** The four bytes at the place. */
export function read32(text: string, at = 0): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) value = value * 256 + text.charCodeAt(i);
  return value;
}

/** Reads one after the other what the functions above wrote. */
export class TextReader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  u32(): number {
    this.#at += 4;
    return read32(this.#text, this.#at - 4);
  }

  u64(): number {
    return this.u32() * TWO_32 + this.u32();
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.#text.charCodeAt(this.#at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  bytes(count: number): string {
    this.#at += count;
    return this.#text.slice(this.#at - count, this.#at);
  }
}
