/** The lines `*count` and `$length` that open a request and each of its arguments. */
import type { InputWindow } from './input-window.js';
import { ProtocolError } from './protocol-error.js';

/** The line's end has not arrived. Less than any count that is told apart: all negative ones are -1. */
export const INCOMPLETE = -2;

const CARRIAGE_RETURN = 0x0d;
const DIGIT_ZERO = 0x30;
const FAST_DIGITS = 9; // below 2^31, so that V8 keeps to small integers

export type CountKind = 'multibulk' | 'bulk';

const TOO_BIG: Readonly<Record<CountKind, string>> = {
  multibulk: 'too big mbulk count string',
  bulk: 'too big bulk count string',
};

const MARKS: Readonly<Record<CountKind, string>> = { multibulk: '*', bulk: '$' };

/**
 * The number of the line at the window's position, which moves past the line.
 * @param lineBytes the longest line accepted.
 * @returns -1 for any negative number, INCOMPLETE (and nothing moves) if the line has no end yet.
 * @throws ProtocolError if it is no number, or for a bulk if the line does not begin with `$`.
 */
export function readCount(input: InputWindow, kind: CountKind, lineBytes: number): number {
  const { bytes, position } = input;
  const first = position + 1;
  const stop = Math.min(input.end - 1, first + FAST_DIGITS); // before the last byte: LF is one more
  let at = first;
  let value = 0;
  for (; at < stop; at++) {
    const digit = (bytes[at] as number) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  const isPlain =
    at > first && at < stop && bytes[at] === CARRIAGE_RETURN && hasMark(bytes[position], kind);
  if (!isPlain || (bytes[first] === DIGIT_ZERO && at > first + 1)) {
    return readUnusualCount(input, kind, lineBytes);
  }
  input.position = at + 2;
  return value;
}

function hasMark(byte: number | undefined, kind: CountKind): boolean {
  return byte === (kind === 'bulk' ? 0x24 : 0x2a);
}

/** Lines that are cut, malformed, negative or long. */
function readUnusualCount(input: InputWindow, kind: CountKind, lineBytes: number): number {
  const end = findReturn(input, kind, lineBytes);
  if (end === INCOMPLETE) return INCOMPLETE;
  const line = input.bytes.latin1Slice(input.position, end);
  if (line[0] !== MARKS[kind]) {
    throw new ProtocolError(`expected '${MARKS[kind]}', got '${line[0] ?? '\r'}'`);
  }
  const value = parseCount(line.slice(1));
  if (value === undefined) throw new ProtocolError(`invalid ${kind} length`);
  input.position = end + 2;
  return value;
}

/** Where the line's CR is, once the byte after it is there too. */
function findReturn(input: InputWindow, kind: CountKind, lineBytes: number): number {
  for (;;) {
    const { bytes, position, end } = input;
    const found = bytes.indexOf(CARRIAGE_RETURN, position);
    const isFound = found >= 0 && found < end;
    const length = (isFound ? found : end) - position;
    if (length > lineBytes) throw new ProtocolError(TOO_BIG[kind]);
    if (isFound && found + 1 < end) return found;
    if (!input.more(2 * length + 32)) return INCOMPLETE;
  }
}

/** A 64-bit number in its only spelling: no plus sign, no leading zeros. */
function parseCount(text: string): number | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value) return undefined;
  return value < 0n ? -1 : Number(value);
}
