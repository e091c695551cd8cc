/**
 * The text of a large document in pieces, in order. A change writes those that differ: they have room between their
 * names, so that pieces that come or go in the middle move no others.
 */

import { ownText } from '../../base/byte-text.js';
import { CHUNK_BYTES } from '../../base/large-string.js';
import { tableRange } from '../../keyspace/collection.js';
import type { Database } from '../../keyspace/database.js';
import type { Entry } from '../../keyspace/entry.js';

/** The table of pieces (docs/formats/records.md). Written to disk: never renumber. */
const TABLE = 12;
const POSITION_BYTES = 6;
const POSITIONS = 2 ** 48;
/** Where the first piece of a document stands, and how far from each other pieces are put. */
const FIRST = 2 ** 47;
const STEP = 2 ** 20;
/** Text shorter than this makes no piece of its own beside another. */
const PIECE_MIN = CHUNK_BYTES / 4;

interface Piece {
  readonly position: number;
  readonly text: string;
}

/** The whole text. */
export function readPieces(db: Database, entry: Entry): string {
  let text = '';
  for (const piece of pieces(db, entry)) text += piece.text;
  return text;
}

function pieces(db: Database, entry: Entry): Piece[] {
  return db.scanData(entry, tableRange(TABLE)).map((name) => ({
    position: positionOf(name),
    text: db.readData(entry, name) as string,
  }));
}

/** Puts the text in place of what there is. */
export function writePieces(db: Database, entry: Entry, text: string): void {
  const old = pieces(db, entry);
  const { kept, from, to } = unchanged(old, text);
  const fresh = cut(text.slice(from, to));
  const positions = positionsBetween(old[kept.head - 1], old[old.length - kept.tail], fresh.length);
  if (positions === undefined) {
    renumber(db, entry, old, text);
    return;
  }
  const replaced = old.slice(kept.head, old.length - kept.tail);
  for (const { position } of replaced) db.writeData(entry, nameOf(position), undefined);
  for (const [i, piece] of fresh.entries()) {
    db.writeData(entry, nameOf(positions[i] as number), piece);
  }
}

interface Unchanged {
  /** Pieces that stay, at the two ends. */
  readonly kept: { readonly head: number; readonly tail: number };
  /** The text that is not in them. */
  readonly from: number;
  readonly to: number;
}

function unchanged(old: readonly Piece[], text: string): Unchanged {
  let head = 0;
  let from = 0;
  for (const piece of old) {
    if (!text.startsWith(piece.text, from)) break;
    from += piece.text.length;
    head++;
  }
  let tail = 0;
  let to = text.length;
  for (const piece of old.slice(head).reverse()) {
    const start = to - piece.text.length;
    if (start < from || !text.startsWith(piece.text, start)) break;
    to = start;
    tail++;
  }
  const isShort = to > from && to - from < PIECE_MIN;
  if (isShort && head > 0) from -= (old[--head] as Piece).text.length;
  return { kept: { head, tail }, from, to };
}

/** In pieces of about the same size, none above CHUNK_BYTES; copies, so that none keeps the whole alive. */
function cut(text: string): string[] {
  const count = Math.ceil(text.length / CHUNK_BYTES);
  const size = Math.ceil(text.length / count);
  return Array.from({ length: count }, (_, i) => ownText(text.slice(i * size, (i + 1) * size)));
}

/** Where so many pieces can stand between two, or before or after one; undefined if there is no room. */
function positionsBetween(
  before: Piece | undefined,
  after: Piece | undefined,
  count: number,
): number[] | undefined {
  const places = Array.from({ length: count }, (_, i) => i);
  if (before !== undefined && after !== undefined) {
    const step = Math.floor((after.position - before.position) / (count + 1));
    return step < 1 ? undefined : places.map((i) => before.position + (i + 1) * step);
  }
  let start = FIRST;
  if (before !== undefined) start = before.position + STEP;
  else if (after !== undefined) start = after.position - count * STEP;
  if (start < 0 || start + count * STEP > POSITIONS) return undefined;
  return places.map((i) => start + i * STEP);
}

function renumber(db: Database, entry: Entry, old: readonly Piece[], text: string): void {
  for (const { position } of old) db.writeData(entry, nameOf(position), undefined);
  for (const [i, piece] of cut(text).entries()) {
    db.writeData(entry, nameOf(FIRST + i * STEP), piece);
  }
}

function nameOf(position: number): string {
  const bytes = Buffer.allocUnsafe(POSITION_BYTES);
  bytes.writeUIntBE(position, 0, POSITION_BYTES);
  return String.fromCharCode(TABLE) + bytes.toString('latin1');
}

function positionOf(name: string): number {
  return Buffer.from(name, 'latin1').readUIntBE(1, POSITION_BYTES);
}
