/** Areas that are searched for places: circles, and boxes whose sides point to the north. All lengths are metres. */

import {
  type Bounds,
  boundsOf,
  type Cell,
  cellAt,
  degreesOf,
  distance,
  EARTH_RADIUS_METERS,
  latitudeDistance,
  MAX_LEVEL,
  type Place,
  radians,
  type Span,
  scoresOf,
} from './geo.js';

interface Circle {
  readonly center: Place;
  readonly radius: number;
}

interface Box {
  readonly center: Place;
  readonly width: number;
  readonly height: number;
}

export type Area = Circle | Box;

/** Half the way round the earth, on the map. */
const HALF_WAY_METERS = 20_037_726.37;

/** Steps to the east and to the north: the cell of the centre and those around it, in the order of Redis's replies. */
const DIRECTIONS = [
  [0, 0],
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
] as const;

/** How far the place is from the centre; undefined if it is outside. */
export function distanceWithin(area: Area, place: Place): number | undefined {
  const { center } = area;
  if ('radius' in area) {
    const found = distance(center, place);
    return found > area.radius ? undefined : found;
  }
  if (latitudeDistance(place.latitude, center.latitude) > area.height / 2) return undefined;
  // The sides are as far from the centre at each latitude.
  const { latitude } = place;
  const sideways = distance(place, { longitude: center.longitude, latitude });
  return sideways > area.width / 2 ? undefined : distance(center, place);
}

/** Ranges of scores, nine at most, that the places of the area are in. */
export function scoreSpans(area: Area): Span[] {
  const bounds = boundsAround(area);
  const level = coveringLevel(area, bounds);
  const middle = cellAt(area.center, level);
  const sides = boundsOf(middle);
  const cells = DIRECTIONS.filter(
    ([east, north]) => level === 1 || reaches(bounds, sides, east, north),
  ).map(([east, north]) => neighbour(middle, east, north));
  // Of four cells, those on both sides are the same.
  return cells.filter((cell, i) => i < 2 || !isSame(cell, cells[i - 1] as Cell)).map(scoresOf);
}

/** Whether anything of the area may lie in that direction beyond the cell with those sides. */
function reaches({ longitude, latitude }: Bounds, sides: Bounds, east: number, north: number) {
  if (north < 0 && sides.latitude.from < latitude.from) return false;
  if (north > 0 && sides.latitude.to > latitude.to) return false;
  if (east < 0 && sides.longitude.from < longitude.from) return false;
  return !(east > 0 && sides.longitude.to > longitude.to);
}

/** How small cells may be, so that the area is in nine of them. */
function coveringLevel(area: Area, { longitude, latitude }: Bounds): number {
  const level = levelFor(reachOf(area), Math.abs(area.center.latitude));
  const middle = cellAt(area.center, level);
  const sideOf = (east: number, north: number): Bounds => boundsOf(neighbour(middle, east, north));
  const isTooSmall =
    sideOf(0, 1).latitude.to < latitude.to ||
    sideOf(0, -1).latitude.from > latitude.from ||
    sideOf(1, 0).longitude.to < longitude.to ||
    sideOf(-1, 0).longitude.from > longitude.from;
  return isTooSmall && level > 1 ? level - 1 : level;
}

/** From the centre to the farthest point. */
function reachOf(area: Area): number {
  if ('radius' in area) return area.radius;
  return Math.sqrt((area.width / 2) ** 2 + (area.height / 2) ** 2);
}

/** The cells of the level are wider than the reach; towards the poles those of the map are smaller on the earth. */
function levelFor(reach: number, latitude: number): number {
  if (reach === 0) return MAX_LEVEL;
  let level = -1;
  for (let meters = reach; meters < HALF_WAY_METERS; meters *= 2) level++;
  if (latitude > 66) level--;
  if (latitude > 80) level--;
  return Math.min(MAX_LEVEL, Math.max(1, level));
}

function boundsAround(area: Area): Bounds {
  const { longitude, latitude } = area.center;
  const [width, height] =
    'radius' in area ? [area.radius, area.radius] : [area.width / 2, area.height / 2];
  const north = degreesOf(height / EARTH_RADIUS_METERS);
  // Where the area is widest in degrees: at the side that is nearer to a pole.
  const widest = latitude < 0 ? latitude - north : latitude + north;
  const east = degreesOf(width / EARTH_RADIUS_METERS / Math.cos(radians(widest)));
  return {
    longitude: { from: longitude - east, to: longitude + east },
    latitude: { from: latitude - north, to: latitude + north },
  };
}

/** Beyond the end of the map it goes on at the other one. */
function neighbour({ level, x, y }: Cell, east: number, north: number): Cell {
  const step = (cell: number, by: number): number =>
    by === 0 ? cell : (cell + by) & (2 ** level - 1);
  return { level, x: step(x, east), y: step(y, north) };
}

function isSame(a: Cell, b: Cell): boolean {
  return a.x === b.x && a.y === b.y;
}
