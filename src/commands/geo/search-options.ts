/** The arguments of geo searches: where, how far, and what is wanted of what is found. */

import type { Area } from '../../types/geo/area.js';
import { type Place, placeOf } from '../../types/geo/geo.js';
import type { SortedSet } from '../../types/sorted-set/sorted-set.js';
import { parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import { parseScore } from '../sorted-set/arguments.js';
import { parsePlace, parseUnit } from './arguments.js';

/** How a command takes its arguments. */
export interface SearchForm {
  /** Which argument is the key that is searched. */
  readonly keyAt: number;
  /** What stands behind it; GEOSEARCH has everything in options. */
  readonly leading: 'place' | 'member' | 'nothing';
  readonly options: OptionReaders;
}

export interface SearchOptions {
  /** undefined as long as none was given, and for a member where there is no sorted set. */
  center: Place | undefined;
  from: 'member' | 'place' | undefined;
  /** In metres: a radius, or width and height. */
  size: readonly number[];
  /** Metres of the unit. */
  unit: number;
  order: 'asc' | 'desc' | undefined;
  /** 0 is all. */
  count: number;
  /** The first that are found will do. */
  any: boolean;
  withDistance: boolean;
  withScore: boolean;
  withPlace: boolean;
  /** The key that the result is put at. */
  target: string | undefined;
  storesDistances: boolean;
}

interface OptionReader {
  /** How many arguments follow. */
  readonly values: number;
  /** Whether it may stand beside those that came before; if not, it is a syntax error. */
  readonly fits?: (options: SearchOptions) => boolean;
  readonly read: (
    options: SearchOptions,
    values: readonly string[],
    set: SortedSet | undefined,
  ) => void;
}

type OptionReaders = ReadonlyMap<string, OptionReader>;

function flag(change: Partial<SearchOptions>): OptionReader {
  return { values: 0, read: (options) => Object.assign(options, change) };
}

function storing(storesDistances: boolean): OptionReader {
  return {
    values: 1,
    read: (options, [target]) => Object.assign(options, { target, storesDistances }),
  };
}

/** Those of every search. */
export const searchOptions: OptionReaders = new Map([
  ['withdist', flag({ withDistance: true })],
  ['withhash', flag({ withScore: true })],
  ['withcoord', flag({ withPlace: true })],
  ['any', flag({ any: true })],
  ['asc', flag({ order: 'asc' })],
  ['desc', flag({ order: 'desc' })],
  ['count', { values: 1, read: readCount }],
]);

export const storeOptions: OptionReaders = new Map([
  ...searchOptions,
  ['store', storing(false)],
  ['storedist', storing(true)],
]);

export const areaOptions: OptionReaders = new Map([
  ...searchOptions,
  ['frommember', { values: 1, fits: ({ from }) => from !== 'place', read: readMember }],
  ['fromlonlat', { values: 2, fits: ({ from }) => from !== 'member', read: readPlace }],
  ['byradius', { values: 2, fits: ({ size }) => size.length < 2, read: readRadius }],
  ['bybox', { values: 3, fits: ({ size }) => size.length !== 1, read: readBox }],
]);

export const areaStoreOptions: OptionReaders = new Map([
  ...areaOptions,
  ['storedist', flag({ storesDistances: true })],
]);

function readCount(options: SearchOptions, [text = '']: readonly string[]): void {
  options.count = parseInteger(text);
  if (options.count <= 0) fail('ERR COUNT must be > 0');
}

function readMember(
  options: SearchOptions,
  [member = '']: readonly string[],
  set: SortedSet | undefined,
): void {
  options.from = 'member';
  if (set === undefined) return;
  const score = set.score(member);
  if (score === undefined) fail('ERR could not decode requested zset member');
  else options.center = placeOf(score);
}

function readPlace(options: SearchOptions, [longitude = '', latitude = '']: readonly string[]) {
  options.center = parsePlace(longitude, latitude);
  options.from = 'place';
}

function readRadius(options: SearchOptions, [text = '', unit = '']: readonly string[]): void {
  const radius = parseScore(text, 'ERR need numeric radius');
  if (radius < 0) fail('ERR radius cannot be negative');
  options.unit = parseUnit(unit);
  options.size = [radius * options.unit];
}

function readBox(options: SearchOptions, [first = '', second = '', unit = '']: readonly string[]) {
  const width = parseScore(first, 'ERR need numeric width');
  const height = parseScore(second, 'ERR need numeric height');
  if (width < 0 || height < 0) fail('ERR height or width cannot be negative');
  options.unit = parseUnit(unit);
  options.size = [width * options.unit, height * options.unit];
}

/** Reads the arguments in their order, as Redis does: of two errors the first is told. */
export function parseSearch(
  argv: readonly string[],
  { keyAt, leading, options: readers }: SearchForm,
  set: SortedSet | undefined,
): SearchOptions {
  const options = noOptions();
  let at = keyAt + 1;
  if (leading === 'place') {
    readPlace(options, argv.slice(at, at + 2));
    readRadius(options, argv.slice(at + 2, at + 4));
    at += 4;
  } else if (leading === 'member') {
    readMember(options, argv.slice(at), set);
    if (set !== undefined) readRadius(options, argv.slice(at + 1, at + 3));
    at += 3;
  }
  while (at < argv.length) {
    const reader = readers.get((argv[at] as string).toLowerCase()) ?? fail(errors.syntax);
    const values = argv.slice(at + 1, at + 1 + reader.values);
    if (values.length < reader.values || reader.fits?.(options) === false) fail(errors.syntax);
    reader.read(options, values, set);
    at += 1 + reader.values;
  }
  return options;
}

function noOptions(): SearchOptions {
  return {
    center: undefined,
    from: undefined,
    size: [],
    unit: 1,
    order: undefined,
    count: 0,
    any: false,
    withDistance: false,
    withScore: false,
    withPlace: false,
    target: undefined,
    storesDistances: false,
  };
}

/** @throws CommandError if options contradict each other, or one is missing */
export function checkSearch(options: SearchOptions, { leading }: SearchForm, command: string) {
  const { from, size, any, count } = options;
  if (leading === 'nothing' && from === undefined) {
    fail(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${command}`);
  }
  if (leading === 'nothing' && size.length === 0) {
    fail(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${command}`);
  }
  if (any && count === 0) fail('ERR the ANY argument requires COUNT argument');
}

/** What is searched, of options that were checked and a sorted set that is there. */
export function areaOf({ center, size }: SearchOptions): Area {
  const [first, second] = size as readonly [number, number?];
  const place = center as Place;
  if (second === undefined) return { center: place, radius: first };
  return { center: place, width: first, height: second };
}
