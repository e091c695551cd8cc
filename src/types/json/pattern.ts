/**
 * Regular expressions of JSON paths. RE2 matches in linear time whatever the pattern is, and has the syntax that RedisJSON's
 * library has; that of I-Regexp (RFC 9485) is part of it.
 */

import { RE2JS } from 're2js';

/** Longer patterns are not worth what they cost to compile. */
const LENGTH_MAX = 1000;
/** Characters that are matched in the time of one step along a path, by a program of one instruction. */
const CHARACTERS_PER_STEP = 128;

/** The patterns of one path. */
export class Patterns {
  readonly #compiled = new Map<string, RE2JS | undefined>();
  readonly #spend: (steps: number) => void;

  /** @param spend is told what a match costs before it is tried */
  constructor(spend: (steps: number) => void) {
    this.#spend = spend;
  }

  /** Whether the text, or some of it, matches; false if the pattern is none. Both are UTF-8, a character a byte. */
  test(pattern: string, text: string, whole: boolean): boolean {
    if (!this.#compiled.has(pattern)) this.#compiled.set(pattern, compile(pattern));
    const expression = this.#compiled.get(pattern);
    if (expression === undefined) return false;
    this.#spend((text.length * expression.programSize()) / CHARACTERS_PER_STEP);
    return whole ? expression.testExact(decode(text)) : expression.test(decode(text));
  }
}

function compile(pattern: string): RE2JS | undefined {
  if (pattern.length > LENGTH_MAX) return undefined;
  try {
    return RE2JS.compile(decode(pattern));
  } catch {
    // What is no pattern matches nothing (RFC 9535, 2.4.6).
    return undefined;
  }
}

function decode(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
