/** Searches for places: what is found is what is near, and only the cells around the centre are read. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Area, distanceWithin, scoreSpans } from '../../src/types/geo/area.js';
import { distance, type Place, placeOf, scoreOf } from '../../src/types/geo/geo.js';
import { search } from '../../src/types/geo/search.js';
import { SortedSet } from '../../src/types/sorted-set/sorted-set.js';
import { World } from '../keyspace/world.js';

const KEY = 'places';
const LIMITS = { entries: 128, memberBytes: 64 };

/** `side` by `side` places, evenly over the map between the latitudes of -80 and 80. */
async function worldWithGrid(side: number): Promise<World> {
  const world = await World.open();
  await world.turn((db) => {
    const set = SortedSet.create(db, KEY, true);
    for (let i = 0; i < side * side; i++) {
      const longitude = -179 + (358 / side) * Math.floor(i / side);
      set.add(`m${i}`, scoreOf({ longitude, latitude: -80 + (160 / side) * (i % side) }), LIMITS);
    }
    set.save();
  });
  await world.chill();
  return world;
}

function find(world: World, area: Area, limit?: number) {
  return world.run((db) => search(SortedSet.find(db, KEY) as SortedSet, area, limit));
}

test('a small area of a large cold sorted set reads little of it', async () => {
  const world = await worldWithGrid(100);
  const found = await find(world, { center: { longitude: 13.4, latitude: 52.5 }, radius: 300_000 });
  expect(found.length).toBeGreaterThan(0);
  expect(world.resident(KEY)?.data?.size).toBeLessThan(1000);
  await world.close();
});

test('a search that takes any place stops when it has enough', async () => {
  const world = await worldWithGrid(100);
  const found = await find(world, { center: { longitude: 0, latitude: 0 }, radius: 2e7 }, 5);
  expect(found).toHaveLength(5);
  expect(world.resident(KEY)?.data?.size).toBeLessThan(1000);
  await world.close();
});

test('the whole map is found, once', async () => {
  const world = await worldWithGrid(40);
  const found = await find(world, { center: { longitude: 170, latitude: 60 }, radius: 3e7 });
  expect(new Set(found.map(({ member }) => member)).size).toBe(1600);
  expect(found).toHaveLength(1600);
  await world.close();
});

const place = fc.record({
  longitude: fc.double({ min: -180, max: 179.9999, noNaN: true }),
  latitude: fc.double({ min: -70, max: 70, noNaN: true }),
});

/** Somewhere around the centre, mostly not farther than the reach. */
function near({ longitude, latitude }: Place, reach: number, east: number, north: number): Place {
  const degrees = Math.min(60, reach / 111_000);
  const x = longitude + (degrees * east) / Math.cos((latitude * Math.PI) / 180);
  const y = Math.min(85, Math.max(-85, latitude + degrees * north));
  return { longitude: ((((x + 180) % 360) + 360) % 360) - 180, latitude: y };
}

const share = fc.double({ min: -1, max: 1, noNaN: true });

// Up to 70 degrees: beyond, Redis itself may miss places, and DiskDB does as Redis.
test('every place in a circle is in the cells that are searched', () => {
  const reach = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.nat(5));
  fc.assert(
    fc.property(place, reach, share, share, (center, [digits, power], east, north) => {
      const radius = digits * 10 ** power;
      const area = { center, radius };
      const score = scoreOf(near(center, radius, east, north));
      const found = distance(center, placeOf(score));
      if (found > radius) return;
      expect(distanceWithin(area, placeOf(score))).toBe(found);
      expect(scoreSpans(area).filter(({ from, to }) => score >= from && score < to)).toHaveLength(
        1,
      );
    }),
    { numRuns: 3000 },
  );
});
