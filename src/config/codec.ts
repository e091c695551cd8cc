/**
 * How one kind of value is read and written, in two dialects: DiskDB's own (files, environment, flags) and
 * Redis's (redis.conf, CONFIG GET and SET), whose error texts clients and the conformance suite know.
 */

import { formatDuration, formatSize, parseDuration, parseSize } from './units.js';

/** A text that is not a value of its option. The message says what it must be. */
export class BadValue extends Error {}

export interface Codec<T> {
  /** What it takes, for messages and the reference: `a size from 1MB to 1TB`. */
  readonly accepts: string;
  /**
   * @param current the value so far, for texts that change only a part of it
   * @throws BadValue
   */
  parse(text: string, current?: T): T;
  format(value: T): string;
  /** Whether the value is made of words, which a file may also give as a YAML list. */
  readonly isList?: true;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

function codec<T>(
  accepts: string,
  read: (text: string) => T | undefined,
  format: (value: T) => string,
): Codec<T> {
  const parse = (text: string): T => {
    const value = read(text);
    if (value === undefined) throw new BadValue(`must be ${accepts}`);
    return value;
  };
  return { accepts, parse, format };
}

function ranged(read: (text: string) => number | undefined, { min, max }: Range) {
  return (text: string): number | undefined => {
    const value = read(text);
    return value === undefined || value < min || value > max ? undefined : value;
  };
}

/** A decimal whole number of exact value, or undefined. */
export function parseInteger(text: string): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function integerCodec(range: Range): Codec<number> {
  const accepts = `a whole number from ${range.min} to ${range.max}`;
  return codec(accepts, ranged(parseInteger, range), String);
}

export function sizeCodec(range: Range): Codec<number> {
  const accepts = `a size such as 64MB, from ${formatSize(range.min)} to ${formatSize(range.max)}`;
  return codec(accepts, ranged(parseSize, range), formatSize);
}

export function durationCodec(range: Range): Codec<number> {
  const [min, max] = [formatDuration(range.min), formatDuration(range.max)];
  const accepts = `a duration with its unit (ms, s, m or h), from ${min} to ${max}`;
  return codec(accepts, ranged(parseDuration, range), formatDuration);
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
]);

export const booleanCodec: Codec<boolean> = codec(
  'true or false',
  (text) => BOOLEANS.get(text.toLowerCase()),
  String,
);

export function choiceCodec<W extends string>(words: readonly W[]): Codec<W> {
  const find = (text: string) => words.find((word) => word === text.toLowerCase());
  return codec(`one of ${words.join(', ')}`, find, String);
}

export const textCodec: Codec<string> = codec('a text', (text) => text, String);

/** Words between blanks or commas. */
export function listCodec(accepts: string): Codec<readonly string[]> {
  const read = (text: string) => text.split(/[\s,]+/).filter((word) => word !== '');
  return { ...codec(accepts, read, (words) => words.join(' ')), isList: true };
}

/** File permissions, in octal: `700`. 0 leaves them to the umask. */
export const permissionsCodec: Codec<number> = codec(
  'file permissions in octal, from 0 to 777',
  (text) => (/^0?[0-7]{1,3}$/.test(text) ? Number.parseInt(text, 8) : undefined),
  (value) => value.toString(8),
);

/** For what is not built yet: takes its neutral value and nothing else, so that nobody trusts in vain. */
export function unavailableCodec(neutral: string): Codec<string> {
  const accepts = neutral === '' ? 'left empty' : neutral;
  const parse = (text: string): string => {
    if (text.toLowerCase() === neutral) return neutral;
    throw new BadValue(`must be ${accepts}: this is not available in DiskDB yet`);
  };
  return { accepts: `${accepts} (not available yet)`, parse, format: String };
}
