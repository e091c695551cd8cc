/** GEOSEARCH, GEOSEARCHSTORE and the commands that they have replaced. */

import { sortFirst } from '../../base/partial-sort.js';
import type { Reply } from '../../protocol/reply.js';
import { type FoundPlace, search } from '../../types/geo/search.js';
import { store } from '../../types/sorted-set/algebra.js';
import { SortedSet } from '../../types/sorted-set/sorted-set.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { listpackLimits } from '../sorted-set/arguments.js';
import { distanceReply, placeReply } from './arguments.js';
import {
  areaOf,
  checkSearch,
  parseSearch,
  type SearchForm,
  type SearchOptions,
} from './search-options.js';

/** GEOSEARCH and the forms of GEORADIUS. */
export function answerSearch(form: SearchForm) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const set = SortedSet.find(context.db, argv[form.keyAt] as string);
    const options = parseSearch(argv, form, set);
    if (options.target !== undefined) refuseDetails(options, 'STORE option in GEORADIUS');
    checkSearch(options, form, argv[0] as string);
    const found = set === undefined ? [] : findPlaces(set, options);
    if (options.target !== undefined) return storePlaces(context, options.target, found, options);
    return placesReply(context, found, options);
  };
}

/** GEOSEARCHSTORE. */
export function storeSearch(form: SearchForm) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const set = SortedSet.find(context.db, argv[form.keyAt] as string);
    const options = parseSearch(argv, form, set);
    refuseDetails(options, 'GEOSEARCHSTORE');
    checkSearch(options, form, argv[0] as string);
    const found = set === undefined ? [] : findPlaces(set, options);
    return storePlaces(context, argv[1] as string, found, options);
  };
}

function refuseDetails({ withDistance, withScore, withPlace }: SearchOptions, who: string): void {
  if (!withDistance && !withScore && !withPlace) return;
  fail(`ERR ${who} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
}

/** A count without an order means the nearest ones, unless any will do. */
function findPlaces(set: SortedSet, options: SearchOptions): readonly FoundPlace[] {
  const { count, any } = options;
  const most = count === 0 ? Number.POSITIVE_INFINITY : count;
  const found = search(set, areaOf(options), any ? most : undefined);
  const order = options.order ?? (count > 0 && !any ? 'asc' : undefined);
  if (order !== undefined) sortByDistance(found, order === 'asc' ? 1 : -1, most);
  return found.length > most ? found.slice(0, most) : found;
}

/** So far that the first `most` are in order. */
function sortByDistance(found: FoundPlace[], direction: 1 | -1, most: number): void {
  const compare = (a: FoundPlace, b: FoundPlace): number => direction * (a.distance - b.distance);
  if (found.length <= most) found.sort(compare);
  else sortFirst(found, most, compare);
}

function placesReply(
  { reply }: CommandContext,
  found: readonly FoundPlace[],
  { withDistance, withScore, withPlace, unit }: SearchOptions,
): Reply {
  if (!withDistance && !withScore && !withPlace) return reply.bulks(found.map((one) => one.member));
  const items = found.map(({ member, distance, score, place }) => {
    const details: Reply[] = [reply.bulk(member)];
    if (withDistance) details.push(distanceReply(reply, distance / unit));
    if (withScore) details.push(reply.integer(Math.trunc(score)));
    if (withPlace) details.push(placeReply(reply, place));
    return reply.array(details);
  });
  return reply.array(items);
}

function storePlaces(
  context: CommandContext,
  key: string,
  found: readonly FoundPlace[],
  { storesDistances, unit }: SearchOptions,
): Reply {
  const members = storesDistances
    ? found.map(({ member, distance }) => ({ member, score: distance / unit }))
    : found;
  store(context.db, key, members, listpackLimits(context));
  return context.reply.integer(found.length);
}
