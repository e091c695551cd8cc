/**
 * Replies: what a command returns and the connection writes.
 *
 * A reply is already encoded, as latin1 text (one character is one byte). A string for nearly all; a
 * LargeReply where one string would be too long (V8 ends at 512 MiB) or would copy megabytes for nothing.
 */

/** A reply in pieces, written one after the other as the socket takes them. */
export class LargeReply {
  readonly pieces: readonly ReplyPiece[];

  constructor(pieces: readonly ReplyPiece[]) {
    this.pieces = pieces;
  }
}

/**
 * Text that is at hand, or a source that is asked for more when the last piece has left. A connection that
 * closes first calls the source's `return`, so that it lets go of what it holds.
 */
export type ReplyPiece = string | AsyncIterator<string, undefined>;

export type Reply = string | LargeReply;

/** Bytes that a reply holds in memory until it is sent: of a source, none. */
export function bytesAtHand(reply: Reply): number {
  if (typeof reply === 'string') return reply.length;
  let bytes = 0;
  for (const piece of reply.pieces) if (typeof piece === 'string') bytes += piece.length;
  return bytes;
}

/** Lets go of what a reply that will not be sent holds. */
export function discardReply(reply: Reply): void {
  if (typeof reply === 'string') return;
  for (const piece of reply.pieces) if (typeof piece === 'object') void piece.return?.();
}

/** Shapes replies in the version of the protocol that the connection speaks. */
export interface ReplyEncoder {
  readonly version: 2 | 3;
  readonly ok: string;
  /** RESP2 `$-1`, RESP3 `_`. */
  readonly nullBulk: string;
  /** RESP2 `*-1`, RESP3 `_`. */
  readonly nullArray: string;
  readonly emptyArray: string;
  /** `+text`; text must hold no line break. */
  simple(text: string): string;
  /** `-message`; line breaks in it become blanks. The message starts with its code (`ERR`, `WRONGTYPE` …). */
  error(message: string): string;
  integer(value: number | bigint): string;
  bulk(text: string): string;
  /** A bulk string in pieces; `length` is the sum of what they hold. */
  largeBulk(length: number, pieces: readonly ReplyPiece[]): LargeReply;
  /** bulk, or nullBulk for undefined. */
  bulkOrNull(text: string | undefined): string;
  array(items: readonly Reply[]): Reply;
  /** An array of bulk strings. */
  bulks(items: readonly string[]): Reply;
  /** What stands before so many items that are sent after it, one by one. */
  arrayHead(count: number): string;
  /** The same for so many keys with their values. */
  mapHead(count: number): string;
  setHead(count: number): string;
  /** The same for what is out of band. */
  pushHead(count: number): string;
  /** Such a head, and items that are encoded. */
  joined(head: string, items: readonly Reply[]): Reply;
  /** Keys and values in turn. RESP2 sends a flat array. */
  map(items: readonly Reply[]): Reply;
  /** RESP2 sends an array. */
  set(items: readonly Reply[]): Reply;
  /** RESP2 sends a bulk string. Infinity is `inf`, as Redis has it. */
  double(value: number): string;
  /** RESP2 sends 1 or 0. */
  boolean(value: boolean): string;
  /** RESP2 sends a bulk string. */
  bigNumber(value: bigint): string;
  /** `format` is three characters (`txt`, `mkd`). RESP2 sends a bulk string. */
  verbatim(format: string, text: string): string;
  /** Out-of-band data. RESP2 sends an array. */
  push(items: readonly Reply[]): Reply;
  /** Metadata before a reply; RESP2 has none and sends nothing. */
  attribute(items: readonly Reply[]): Reply;
}
