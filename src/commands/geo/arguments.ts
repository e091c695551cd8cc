/** What the arguments and replies of geo commands have in common. */

import type { ReplyEncoder } from '../../protocol/reply.js';
import { isOnMap, type Place } from '../../types/geo/geo.js';
import { fail } from '../command-error.js';
import { oneOfTokens, parseScore } from '../sorted-set/arguments.js';

const METERS: ReadonlyMap<string, number> = new Map([
  ['m', 1],
  ['km', 1000],
  ['ft', 0.3048],
  ['mi', 1609.34],
]);

export const unitArgument = oneOfTokens('unit', 'M', 'KM', 'FT', 'MI');

/** The unit's metres. */
export function parseUnit(text: string): number {
  const meters = METERS.get(text.toLowerCase());
  return meters ?? fail('ERR unsupported unit provided. please use M, KM, FT, MI');
}

export function parsePlace(longitudeText: string, latitudeText: string): Place {
  const longitude = parseScore(longitudeText);
  const place = { longitude, latitude: parseScore(latitudeText) };
  if (isOnMap(place)) return place;
  const [x, y] = [cFixed(longitude), cFixed(place.latitude)];
  return fail(`ERR invalid longitude,latitude pair ${x},${y}`);
}

/** `%f` of C. */
function cFixed(value: number): string {
  if (Math.abs(value) === Infinity) return value < 0 ? '-inf' : 'inf';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** Longitude and latitude. */
export function placeReply(reply: ReplyEncoder, { longitude, latitude }: Place) {
  return reply.array([degreesReply(reply, longitude), degreesReply(reply, latitude)]);
}

function degreesReply(reply: ReplyEncoder, degrees: number): string {
  const text = degrees.toFixed(17).replace(/\.?0+$/, '');
  return reply.version === 3 ? `,${text}\r\n` : reply.bulk(text);
}

/** With four digits after the point, the even one where two are as near. */
export function distanceReply(reply: ReplyEncoder, distance: number): string {
  const scaled = distance * 10_000;
  const rounded = Math.round(scaled);
  const isOddTie = rounded - scaled === 0.5 && rounded % 2 === 1;
  const digits = String(isOddTie ? rounded - 1 : rounded).padStart(5, '0');
  return reply.bulk(`${digits.slice(0, -4)}.${digits.slice(-4)}`);
}
