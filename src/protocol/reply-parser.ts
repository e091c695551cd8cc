/**
 * Encoded replies back to values, RESP2 and RESP3: for tests, tools and scripts. Not made for speed, but its
 * work is linear. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

export type ReplyValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | ReplyFailure
  | VerbatimText
  | PushMessage
  | AttributedReply
  | ReplyValue[]
  | Set<ReplyValue>
  | Map<ReplyValue, ReplyValue>;

/** An error reply: its code is the first word of the message. */
export class ReplyFailure {
  constructor(readonly message: string) {}
}

export class VerbatimText {
  constructor(
    /** Three characters: `txt`, `mkd`. */
    readonly format: string,
    readonly text: string,
  ) {}
}

/** Out-of-band data, which answers no request. */
export class PushMessage {
  constructor(readonly items: readonly ReplyValue[]) {}
}

/** A reply that metadata preceded. */
export class AttributedReply {
  constructor(
    readonly attributes: ReadonlyMap<ReplyValue, ReplyValue>,
    readonly value: ReplyValue,
  ) {}
}

/** A step of parsing: returns what it reads, and yields whenever the text at hand is used up. */
type Step<Value> = Generator<undefined, Value, undefined>;

export class ReplyParser {
  #text = '';
  #at = 0;
  #complete: ReplyValue[] = [];
  readonly #steps = this.#values();

  /**
   * @param chunk latin1 text, or bytes; it may end anywhere.
   * @returns the replies that it completes. An integer beyond 2^53 is a bigint; `nil` of every form is null.
   * @throws Error if it is no reply; the parser is then of no more use.
   */
  feed(chunk: string | Buffer): ReplyValue[] {
    this.#text = typeof chunk === 'string' ? chunk : chunk.toString('latin1');
    this.#at = 0;
    this.#steps.next();
    const complete = this.#complete;
    this.#complete = [];
    return complete;
  }

  *#values(): Step<never> {
    for (;;) {
      while (this.#at === this.#text.length) yield;
      const value = yield* this.#value();
      this.#complete.push(value);
    }
  }

  *#value(): Step<ReplyValue> {
    const line = yield* this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return rest;
      case '-':
        return new ReplyFailure(rest);
      case ':':
        return integer(rest);
      case ',':
        return double(rest);
      case '#':
        return rest === 't';
      case '(':
        return BigInt(rest);
      case '_':
        return null;
      default:
        return yield* this.#sized(line[0], count(line));
    }
  }

  /** The types that begin with a length or a count. */
  *#sized(mark: string | undefined, size: number): Step<ReplyValue> {
    if (size === -1) return nullOf(mark);
    switch (mark) {
      case '$':
        return yield* this.#bulk(size);
      case '!':
        return new ReplyFailure(yield* this.#bulk(size));
      case '=':
        return verbatim(yield* this.#bulk(size));
      case '*':
        return yield* this.#items(size);
      case '~':
        return new Set(yield* this.#items(size));
      case '>':
        return new PushMessage(yield* this.#items(size));
      case '%':
        return yield* this.#pairs(size);
      case '|':
        return new AttributedReply(yield* this.#pairs(size), yield* this.#value());
      default:
        throw new Error(`no reply begins with ${JSON.stringify(mark)}`);
    }
  }

  *#items(size: number): Step<ReplyValue[]> {
    const items: ReplyValue[] = [];
    while (items.length < size) items.push(yield* this.#value());
    return items;
  }

  *#pairs(size: number): Step<Map<ReplyValue, ReplyValue>> {
    const map = new Map<ReplyValue, ReplyValue>();
    for (let i = 0; i < size; i++) map.set(yield* this.#value(), yield* this.#value());
    return map;
  }

  *#bulk(size: number): Step<string> {
    const text = yield* this.#take(size);
    if ((yield* this.#take(2)) !== '\r\n') throw new Error('a bulk string longer than its length');
    return text;
  }

  *#take(size: number): Step<string> {
    const parts: string[] = [];
    for (let missing = size; ; ) {
      const part = this.#text.slice(this.#at, this.#at + missing);
      parts.push(part);
      this.#at += part.length;
      missing -= part.length;
      if (missing === 0) return parts.join('');
      yield;
    }
  }

  /** Up to CR LF, which is read but not part of it. */
  *#line(): Step<string> {
    for (;;) {
      const end = this.#text.indexOf('\r\n', this.#at);
      if (end >= 0) {
        const line = this.#text.slice(this.#at, end);
        this.#at = end + 2;
        return line;
      }
      const begun = this.#text.slice(this.#at);
      this.#at = this.#text.length;
      yield;
      this.#text = begun + this.#text;
    }
  }
}

function integer(text: string): number | bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`no integer: ${text}`);
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function double(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  const value = Number(text);
  if (Number.isNaN(value) && text !== 'nan') throw new Error(`no double: ${text}`);
  return value;
}

function count(line: string): number {
  if (!/^.(-1|\d+)$/.test(line)) throw new Error(`no reply: ${JSON.stringify(line)}`);
  return Number(line.slice(1));
}

/** RESP2's nulls: a length of -1. */
function nullOf(mark: string | undefined): null {
  if (mark === '$' || mark === '*') return null;
  throw new Error(`a length of -1 after ${JSON.stringify(mark)}`);
}

function verbatim(text: string): VerbatimText {
  return new VerbatimText(text.slice(0, 3), text.slice(4));
}
