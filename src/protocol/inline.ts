/**
 * Inline requests: a line of words, as a person types into telnet.
 *
 * Words are separated by blanks. In double quotes `\n \r \t \b \a`, `\xHH` and a backslash before any other
 * character are escapes; in single quotes only `\'` is. A closing quote must end its word. Source: the rules
 * of Redis's own splitter, which redis-cli shares (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 */
import type { Argument } from '../base/large-string.js';
import { readArgument } from './latin1-text.js';

const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;

const ESCAPES: ReadonlyMap<number, number> = new Map(
  [...'nrtba'].map((letter, i) => [letter.charCodeAt(0), '\n\r\t\b\x07'.charCodeAt(i)]),
);

/** The words of `bytes[start, end)`, a line without its end; undefined if quotes are unbalanced. */
export function splitInline(bytes: Buffer, start: number, end: number): Argument[] | undefined {
  const line = new LineReader(bytes, start, end);
  const words: Argument[] = [];
  while (line.skipBlanks()) {
    if (!line.readWord()) return undefined;
    words.push(line.takeWord());
  }
  return words;
}

class LineReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  /** The word being read; escapes only shorten it. */
  readonly #word: Buffer;
  #wordLength = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#word = Buffer.allocUnsafe(end - start);
  }

  /** False at the end of the line. */
  skipBlanks(): boolean {
    while (this.#at < this.#end && isBlank(this.#peek())) this.#at++;
    return this.#at < this.#end;
  }

  /** False if a quote is not closed, or is closed in the middle of a word. */
  readWord(): boolean {
    while (this.#at < this.#end && !endsWord(this.#peek())) {
      const byte = this.#next();
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) return this.#readQuoted(byte);
      this.#put(byte);
    }
    return true;
  }

  takeWord(): Argument {
    const word = readArgument(this.#word, 0, this.#wordLength);
    this.#wordLength = 0;
    return word;
  }

  #readQuoted(quote: number): boolean {
    while (this.#at < this.#end) {
      const byte = this.#next();
      if (byte === quote) return this.#at === this.#end || isBlank(this.#peek());
      if (byte === BACKSLASH && this.#at < this.#end) this.#readEscape(quote);
      else this.#put(byte);
    }
    return false;
  }

  #readEscape(quote: number): void {
    if (quote === SINGLE_QUOTE) {
      this.#put(this.#peek() === SINGLE_QUOTE ? this.#next() : BACKSLASH);
      return;
    }
    const letter = this.#next();
    const code = letter === LOWER_X ? this.#hexByte() : undefined;
    this.#put(code ?? ESCAPES.get(letter) ?? letter);
  }

  /** The two digits after `\x`, read; undefined, and nothing read, if they are no digits. */
  #hexByte(): number | undefined {
    if (this.#at + 2 > this.#end) return undefined;
    const digits = this.#bytes.latin1Slice(this.#at, this.#at + 2);
    if (!/^[0-9a-f]{2}$/i.test(digits)) return undefined;
    this.#at += 2;
    return Number.parseInt(digits, 16);
  }

  #put(byte: number): void {
    this.#word[this.#wordLength++] = byte;
  }

  #peek(): number {
    return this.#bytes[this.#at] as number;
  }

  #next(): number {
    return this.#bytes[this.#at++] as number;
  }
}

/** As isspace() in the C locale. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Vertical tab and form feed separate words but do not end one: so it is in Redis. NUL is a byte like any. */
function endsWord(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
