/** BITOP: combines strings bit by bit, one fragment after the other. */

import { CHUNK_BYTES } from '../../base/large-string.js';
import type { Database } from '../../keyspace/database.js';
import { fragmentCount, fragmentLength } from '../string/fragments.js';
import { find, lengthOf, overwriteBytes, reach, readStretches } from '../string/string.js';
import { BitWords } from './words.js';

/** X is the first source, Y what any of the others has. */
export type BitOperation =
  | 'and'
  | 'or'
  | 'xor'
  | 'not'
  /** X without Y. */
  | 'diff'
  /** Y without X. */
  | 'diff1'
  /** X and Y. */
  | 'andor'
  /** What exactly one source has. */
  | 'one';

interface Source {
  readonly length: number;
  /** By the index of the fragment; those that are all zero are not there. */
  readonly pieces: ReadonlyMap<number, string>;
}

/**
 * Puts at the key what comes of the sources (those that are not there are empty), as long as the longest of them,
 * and returns its length. @throws ValueError WRONG_TYPE
 */
export function combineStrings(
  db: Database,
  operation: BitOperation,
  key: string,
  sourceKeys: readonly string[],
): number {
  const sources = sourceKeys.map((source) => sourceAt(db, source));
  const length = sources.reduce((longest, source) => Math.max(longest, source.length), 0);
  const results = resultsOf(operation, sources, length);
  if (length === 0) {
    db.delete(key);
    return 0;
  }
  db.put(key, '');
  const entry = reach(db, key, length);
  for (const [index, text] of results) overwriteBytes(db, entry, index * CHUNK_BYTES, text);
  return length;
}

function sourceAt(db: Database, key: string): Source {
  const entry = find(db, key);
  if (entry?.record === undefined) return { length: 0, pieces: new Map() };
  const length = lengthOf(entry.record);
  const stretches = readStretches(db, entry, 0, length);
  return { length, pieces: new Map(stretches.map(({ at, text }) => [at / CHUNK_BYTES, text])) };
}

function resultsOf(
  operation: BitOperation,
  sources: readonly Source[],
  length: number,
): ReadonlyMap<number, string> {
  const results = new Map<number, string>();
  for (let i = 0; i < fragmentCount(length); i++) {
    const texts = sources.map(({ pieces }) => pieces.get(i) ?? '');
    if (operation !== 'not' && texts.every((text) => text === '')) continue;
    combiner.combine(operation, texts);
    if (!combiner.result.isZero) results.set(i, combiner.result.text(fragmentLength(i, length)));
  }
  return results;
}

class Combiner {
  readonly result = new BitWords();
  readonly #operand = new BitWords();
  readonly #twice = new BitWords();
  readonly #overlap = new BitWords();

  /** Leaves in `result` what comes of the texts; of NOT's the caller takes as many bytes as there are. */
  combine(operation: BitOperation, texts: readonly string[]): void {
    const [first = '', ...others] = texts;
    this.result.load(first);
    if (operation === 'not') this.#invert();
    else if (operation === 'one') this.#selectSingle(texts);
    else if (operation === 'and' || operation === 'or' || operation === 'xor') {
      this.#fold(others, (operand) => this.result[operation](operand));
    } else this.#compare(operation, first, others);
  }

  #fold(texts: readonly string[], take: (operand: BitWords) => void): void {
    for (const text of texts) {
      this.#operand.load(text);
      take(this.#operand);
    }
  }

  #invert(): void {
    this.#operand.fill(-1);
    this.result.xor(this.#operand);
  }

  #compare(operation: 'diff' | 'diff1' | 'andor', first: string, others: readonly string[]): void {
    this.result.fill(0);
    this.#fold(others, (operand) => this.result.or(operand));
    if (operation === 'diff') this.#invert();
    this.#operand.load(first);
    if (operation === 'diff1') this.result.andNot(this.#operand);
    else this.result.and(this.#operand);
  }

  #selectSingle(texts: readonly string[]): void {
    this.result.fill(0);
    this.#twice.fill(0);
    this.#fold(texts, (operand) => {
      this.#overlap.copy(this.result);
      this.#overlap.and(operand);
      this.#twice.or(this.#overlap);
      this.result.or(operand);
    });
    this.result.andNot(this.#twice);
  }
}

/** For all: what it has is copied before another uses it. Its 64 KiB, made for each BITOP, were most of what a short one took (120 µs). */
const combiner = new Combiner();
