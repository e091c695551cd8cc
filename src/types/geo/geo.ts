/**
 * Places on the earth as scores of a sorted set: 26 bits of longitude and 26 of latitude, interleaved (a Morton code;
 * https://en.wikipedia.org/wiki/Geohash). Ranges and constants are Redis's, so scores mean the same there.
 */

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part of the map, in degrees. */
export interface Bounds {
  readonly longitude: Span;
  readonly latitude: Span;
}

/** One of the `2 ** level` by `2 ** level` parts of the map, counted from the south-west: a range of scores. */
export interface Cell {
  readonly level: number;
  readonly x: number;
  readonly y: number;
}

/** Where a cell is a single score. */
export const MAX_LEVEL = 26;

const LONGITUDE_MAX = 180;
/** Where the projection of web maps ends. */
const LATITUDE_MAX = 85.05112878;
/** Where latitude ends for the text form of a geohash. */
const POLE = 90;
const CELLS = 2 ** MAX_LEVEL;
export const EARTH_RADIUS_METERS = 6_372_797.560856;
const RADIANS_PER_DEGREE = Math.PI / 180;

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
/** Characters of five bits each that the score can fill. */
const FILLED_CHARACTERS = 10;

export function isOnMap({ longitude, latitude }: Place): boolean {
  return Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX;
}

export function scoreOf(place: Place): number {
  return interleave(place, LATITUDE_MAX);
}

/** The middle of the cell that the score names. */
export function placeOf(score: number): Place {
  const { high, low } = wordsOf(score);
  const x = gather(high >>> 1) * 2 ** 16 + gather(low >>> 1);
  const y = gather(high) * 2 ** 16 + gather(low);
  const longitude = middleOf(sidesOf(x, MAX_LEVEL, LONGITUDE_MAX), LONGITUDE_MAX);
  return { longitude, latitude: middleOf(sidesOf(y, MAX_LEVEL, LATITUDE_MAX), LATITUDE_MAX) };
}

function middleOf({ from, to }: Span, max: number): number {
  return Math.min(max, Math.max(-max, (from + to) / 2));
}

/** The score as an unsigned integer of 64 bits. Any sorted set may be asked for places: odd scores have some too. */
function wordsOf(score: number): { readonly high: number; readonly low: number } {
  if (score >= 0 && score < 2 ** 63) return { high: score / 2 ** 32, low: score % 2 ** 32 };
  const bits =
    score >= -(2 ** 63) && score < 2 ** 64 ? BigInt(Math.trunc(score)) : outOfRange(score);
  const unsigned = BigInt.asUintN(64, bits);
  return { high: Number(unsigned >> 32n), low: Number(unsigned & 0xffff_ffffn) };
}

/** What the conversion gives on x86-64. */
function outOfRange(score: number): bigint {
  return score < 0 ? 1n << 63n : 0n;
}

/** The great-circle distance in metres (the haversine formula). */
export function distance(a: Place, b: Place): number {
  const v = Math.sin((radians(b.longitude) - radians(a.longitude)) / 2);
  if (v === 0) return latitudeDistance(a.latitude, b.latitude);
  const latitudes = [radians(a.latitude), radians(b.latitude)] as const;
  const u = Math.sin((latitudes[1] - latitudes[0]) / 2);
  const h = u * u + Math.cos(latitudes[0]) * Math.cos(latitudes[1]) * v * v;
  // Of opposite places it may come to a little more than 1.
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(Math.min(1, h)));
}

/** How far it is from one latitude to another, in metres. */
export function latitudeDistance(a: number, b: number): number {
  return EARTH_RADIUS_METERS * Math.abs(radians(b) - radians(a));
}

export function radians(degrees: number): number {
  return degrees * RADIANS_PER_DEGREE;
}

export function degreesOf(angle: number): number {
  return angle / RADIANS_PER_DEGREE;
}

/** The geohash as text, of eleven characters; the last has no bits left, and is `0`. */
export function geohashOf(place: Place): string {
  let bits = interleave(place, POLE) / 4;
  let text = '0';
  for (let i = 0; i < FILLED_CHARACTERS; i++) {
    text = ALPHABET.charAt(Math.floor(bits) % 32) + text;
    bits /= 32;
  }
  return text;
}

/** The cell's scores: `from` is included, `to` is not. */
export function scoresOf({ level, x, y }: Cell): Span {
  const { high, low } = halvesOf(x, y);
  const size = 4 ** (MAX_LEVEL - level);
  return { from: (high * CELLS + low) * size, to: (high * CELLS + (low + 1)) * size };
}

export function cellAt({ longitude, latitude }: Place, level: number): Cell {
  const x = cellOf(longitude, LONGITUDE_MAX, level);
  return { level, x, y: cellOf(latitude, LATITUDE_MAX, level) };
}

/** The degrees that the cell covers. */
export function boundsOf({ level, x, y }: Cell): Bounds {
  const longitude = sidesOf(x, level, LONGITUDE_MAX);
  return { longitude, latitude: sidesOf(y, level, LATITUDE_MAX) };
}

/** Longitude has the odd bits, latitude the even ones. */
function interleave({ longitude, latitude }: Place, latitudeMax: number): number {
  const x = cellOf(longitude, LONGITUDE_MAX, MAX_LEVEL);
  const { high, low } = halvesOf(x, cellOf(latitude, latitudeMax, MAX_LEVEL));
  return high * CELLS + low;
}

/** The last 26 of the interleaved bits, and those before them. */
function halvesOf(x: number, y: number): { readonly high: number; readonly low: number } {
  const high = spread(x >>> 13) * 2 + spread(y >>> 13);
  return { high, low: spread(x & 0x1fff) * 2 + spread(y & 0x1fff) };
}

/** At the very end of the map a number more than there are cells: Redis has it so. */
function cellOf(degrees: number, max: number, level: number): number {
  return Math.floor(((degrees + max) / (2 * max)) * 2 ** level);
}

function sidesOf(cell: number, level: number, max: number): Span {
  const cells = 2 ** level;
  return { from: -max + (cell / cells) * (2 * max), to: -max + ((cell + 1) / cells) * (2 * max) };
}

/** Puts the bits, 14 at most, on even places. */
function spread(bits: number): number {
  let spaced = (bits | (bits << 8)) & 0x00ff_00ff;
  spaced = (spaced | (spaced << 4)) & 0x0f0f_0f0f;
  spaced = (spaced | (spaced << 2)) & 0x3333_3333;
  return (spaced | (spaced << 1)) & 0x5555_5555;
}

/** The sixteen bits on even places. */
function gather(bits: number): number {
  let joined = bits & 0x5555_5555;
  joined = (joined | (joined >>> 1)) & 0x3333_3333;
  joined = (joined | (joined >>> 2)) & 0x0f0f_0f0f;
  joined = (joined | (joined >>> 4)) & 0x00ff_00ff;
  return (joined | (joined >>> 8)) & 0xffff;
}
