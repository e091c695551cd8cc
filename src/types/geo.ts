/**
 * Places on the earth as scores of a sorted set: 26 bits of longitude and 26 of latitude, interleaved (a Morton code;
 * https://en.wikipedia.org/wiki/Geohash). Ranges and constants are Redis's, so scores mean the same there.
 */

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

const LONGITUDE_MAX = 180;
/** Where the projection of web maps ends. */
const LATITUDE_MAX = 85.05112878;
/** Where latitude ends for the text form of a geohash. */
const POLE = 90;
const CELLS = 2 ** 26;
const EARTH_RADIUS_METERS = 6_372_797.560856;

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
  const high = Math.floor(score / CELLS);
  const low = Math.floor(score % CELLS);
  const x = gather(high >>> 1) * 2 ** 13 + gather(low >>> 1);
  const y = gather(high) * 2 ** 13 + gather(low);
  return { longitude: middleOf(x, LONGITUDE_MAX), latitude: middleOf(y, LATITUDE_MAX) };
}

function middleOf(cell: number, max: number): number {
  const from = -max + (cell / CELLS) * (2 * max);
  const to = -max + ((cell + 1) / CELLS) * (2 * max);
  return Math.min(max, Math.max(-max, (from + to) / 2));
}

/** The great-circle distance in metres (the haversine formula). */
export function distance(a: Place, b: Place): number {
  const v = Math.sin((radians(b.longitude) - radians(a.longitude)) / 2);
  const latitudes = [radians(a.latitude), radians(b.latitude)] as const;
  if (v === 0) return EARTH_RADIUS_METERS * Math.abs(latitudes[1] - latitudes[0]);
  const u = Math.sin((latitudes[1] - latitudes[0]) / 2);
  const h = u * u + Math.cos(latitudes[0]) * Math.cos(latitudes[1]) * v * v;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.sqrt(h));
}

function radians(degrees: number): number {
  return degrees * (Math.PI / 180);
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

/** Longitude has the odd bits, latitude the even ones. */
function interleave({ longitude, latitude }: Place, latitudeMax: number): number {
  const x = cellOf(longitude, LONGITUDE_MAX);
  const y = cellOf(latitude, latitudeMax);
  const high = spread(x >>> 13) * 2 + spread(y >>> 13);
  return high * CELLS + spread(x & 0x1fff) * 2 + spread(y & 0x1fff);
}

function cellOf(degrees: number, max: number): number {
  return Math.floor(((degrees + max) / (2 * max)) * CELLS);
}

/** Puts the bits, 14 at most, on even places. */
function spread(bits: number): number {
  let result = 0;
  for (let i = 0; i < 14; i++) result |= ((bits >>> i) & 1) << (2 * i);
  return result;
}

/** The bits on even places, 14 at most. */
function gather(bits: number): number {
  let result = 0;
  for (let i = 0; i < 14; i++) result |= ((bits >>> (2 * i)) & 1) << i;
  return result;
}
