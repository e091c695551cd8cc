/**
 * Glob patterns as Redis matches them: `*`, `?`, `[a-z]`, `[^a]` and `\x`. Time is at most the pattern's length
 * times the text's, however many stars there are: when a later star is reached, no earlier one need try again. What
 * clients can make long, both of them, is tried so often and no more.
 */

/** Redis looks no deeper than this: a pattern with more stars, those side by side counted once, matches nothing. */
const MOST_STARS = 1000;

/**
 * Characters, of the text that matched for nothing and of classes, that are looked at before a pattern is taken not to
 * match: some hundredths of a second, and some for each of the text.
 */
const MOST_LOOKS = 5_000_000;
const LOOKS_PER_CHARACTER = 32;

/** A search that takes some milliseconds at most. */
const SEARCHED_MAX = 20_000_000;

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const CARET = 0x5e;
const DASH = 0x2d;

/** Whether the whole text matches. Like Redis, the empty text matches the empty pattern only, not even `*`. */
export function matchesGlob(pattern: string, text: string, ignoreCase = false): boolean {
  if (text.length === 0) return pattern.length === 0;
  if (pattern.length > MOST_STARS && countStars(pattern) > MOST_STARS) return false;
  return ignoreCase ? matches(lowerCase(pattern), lowerCase(text)) : matches(pattern, text);
}

function countStars(pattern: string): number {
  return pattern.match(/\*+/g)?.length ?? 0;
}

/** ASCII letters only, as in C. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  /** Where to go on when a character does not match: after the last star, one character further. */
  let retryPattern = -1;
  let retryText = 0;
  let left = MOST_LOOKS + LOOKS_PER_CHARACTER * text.length;
  while (t < text.length) {
    if (pattern.charCodeAt(p) === STAR) {
      retryPattern = ++p;
      const end = literalEnd(pattern, p);
      if (end === pattern.length) return endsWith(text, pattern.slice(p), t);
      if (end > p && pattern.charCodeAt(end) === STAR && isSearchable(end - p, text.length - t)) {
        // Where text without wildcards stands between two stars, its first place is as good as any.
        const found = text.indexOf(pattern.slice(p, end), t);
        if (found < 0) return false;
        t = found + end - p;
        p = end;
      }
      retryText = t;
      continue;
    }
    if (pattern.charCodeAt(p) === OPEN) left -= 3 * (tokenEnd(pattern, p) - p);
    if (p < pattern.length && matchesAt(pattern, p, text.charCodeAt(t))) {
      p = tokenEnd(pattern, p);
      t++;
      continue;
    }
    left -= t - retryText;
    if (retryPattern < 0 || left < 0) return false;
    p = retryPattern;
    t = ++retryText;
  }
  while (pattern.charCodeAt(p) === STAR) p++;
  return p >= pattern.length;
}

/** V8 may look at each character of the one for each of the other: 25 s for 50,000 in a million (measured). */
function isSearchable(length: number, textLength: number): boolean {
  return length * textLength < SEARCHED_MAX;
}

/** Where the text without wildcards ends that begins at `p`. */
function literalEnd(pattern: string, p: number): number {
  let at = p;
  while (at < pattern.length && !isSpecial(pattern.charCodeAt(at))) at++;
  return at;
}

function isSpecial(code: number): boolean {
  return code === STAR || code === QUESTION || code === OPEN || code === BACKSLASH;
}

/** Whether it does, and what it ends with begins at `from` or later. */
function endsWith(text: string, tail: string, from: number): boolean {
  return text.length - tail.length >= from && text.endsWith(tail);
}

function matchesAt(pattern: string, p: number, char: number): boolean {
  const code = pattern.charCodeAt(p);
  if (code === QUESTION) return true;
  if (code === OPEN) return matchesClass(pattern, p + 1, char);
  if (code === BACKSLASH && p + 1 < pattern.length) return pattern.charCodeAt(p + 1) === char;
  return code === char;
}

function tokenEnd(pattern: string, p: number): number {
  const code = pattern.charCodeAt(p);
  if (code === OPEN) return classEnd(pattern, p + 1);
  return code === BACKSLASH && p + 1 < pattern.length ? p + 2 : p + 1;
}

/** The end of the item of a class that starts at `p`: `\x`, `a-z` or one character. */
function itemEnd(pattern: string, p: number): number {
  if (pattern.charCodeAt(p) === BACKSLASH && p + 1 < pattern.length) return p + 2;
  return pattern.charCodeAt(p + 1) === DASH && p + 2 < pattern.length ? p + 3 : p + 1;
}

/** `p` is after the bracket. A class that is not closed goes to the pattern's end. */
function classEnd(pattern: string, p: number): number {
  let at = pattern.charCodeAt(p) === CARET ? p + 1 : p;
  while (at < pattern.length && pattern.charCodeAt(at) !== CLOSE) at = itemEnd(pattern, at);
  return Math.min(at + 1, pattern.length);
}

function matchesClass(pattern: string, p: number, char: number): boolean {
  const negated = pattern.charCodeAt(p) === CARET;
  let found = false;
  let at = negated ? p + 1 : p;
  while (at < pattern.length && pattern.charCodeAt(at) !== CLOSE) {
    found ||= matchesItem(pattern, at, char);
    at = itemEnd(pattern, at);
  }
  return found !== negated;
}

function matchesItem(pattern: string, p: number, char: number): boolean {
  const first = pattern.charCodeAt(p);
  const end = itemEnd(pattern, p);
  if (end === p + 1) return first === char;
  if (end === p + 2) return pattern.charCodeAt(p + 1) === char;
  const last = pattern.charCodeAt(p + 2);
  return char >= Math.min(first, last) && char <= Math.max(first, last);
}
