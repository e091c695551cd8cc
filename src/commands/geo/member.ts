/** Places as members of sorted sets: GEOADD, GEOPOS, GEOHASH and GEODIST. */

import type { Reply } from '../../protocol/reply.js';
import { distance, geohashOf, type Place, placeOf, scoreOf } from '../../types/geo/geo.js';
import { SortedSet } from '../../types/sorted-set/sorted-set.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import { addPairs } from '../sorted-set/add.js';
import { membersArgument, oneOfTokens, pairArguments } from '../sorted-set/arguments.js';
import type { Command } from '../spec.js';
import { distanceReply, parsePlace, parseUnit, placeReply, unitArgument } from './arguments.js';

const ADD_OPTIONS = new Set(['nx', 'xx', 'ch']);

function runAdd(context: CommandContext, argv: readonly string[]): Reply {
  let first = 2;
  while (first < argv.length && ADD_OPTIONS.has((argv[first] as string).toLowerCase())) first++;
  const given = new Set(argv.slice(2, first).map((word) => word.toLowerCase()));
  const [nx, xx, ch] = [given.has('nx'), given.has('xx'), given.has('ch')];
  if (first === argv.length || (argv.length - first) % 3 !== 0 || (nx && xx)) fail(errors.syntax);
  const pairs = ['zadd', argv[1] as string];
  for (let i = first; i < argv.length; i += 3) {
    const place = parsePlace(argv[i] as string, argv[i + 1] as string);
    pairs.push(String(scoreOf(place)), argv[i + 2] as string);
  }
  return addPairs(context, pairs, 2, { nx, xx, ch, gt: false, lt: false, incr: false });
}

/** The places of the members; undefined for those that are none. */
function placesOf(set: SortedSet | undefined, members: readonly string[]): (Place | undefined)[] {
  set?.need(members);
  return members.map((member) => {
    const score = set?.score(member);
    return score === undefined ? undefined : placeOf(score);
  });
}

function runPosition({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const set = SortedSet.find(db, argv[1] as string);
  const places = placesOf(set, argv.slice(2)).map((place) =>
    place === undefined ? reply.nullArray : placeReply(reply, place),
  );
  return reply.array(places);
}

function runHash({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const set = SortedSet.find(db, argv[1] as string);
  const hashes = placesOf(set, argv.slice(2)).map((place) =>
    reply.bulkOrNull(place === undefined ? undefined : geohashOf(place)),
  );
  return reply.array(hashes);
}

function runDistance({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  if (argv.length > 5) fail(errors.syntax);
  const unit = parseUnit(argv[4] ?? 'm');
  const set = SortedSet.find(db, argv[1] as string);
  const [from, to] = placesOf(set, argv.slice(2, 4));
  if (from === undefined || to === undefined) return reply.nullBulk;
  return distanceReply(reply, distance(from, to) / unit);
}

const reading = {
  since: '3.2.0',
  group: 'geo',
  flags: ['readonly'],
  keys: oneKey(['RO', 'access']),
} as const satisfies Partial<Command>;

export const geoMemberCommands: readonly Command[] = [
  {
    name: 'geoadd',
    summary: 'Adds members with their places, or gives members other places.',
    since: '3.2.0',
    group: 'geo',
    complexity: 'O(log(N)) for each member, N being the size of the sorted set',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: oneKey(['RW', 'update']),
    history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
    arguments: [
      keyArgument,
      { ...oneOfTokens('condition', 'NX', 'XX'), since: '6.2.0', flags: ['optional'] },
      { ...token('CH', '6.2.0'), name: 'change', flags: ['optional'] },
      {
        name: 'data',
        type: 'block',
        flags: ['multiple'],
        arguments: [
          ...pairArguments('double', 'longitude', 'latitude'),
          { name: 'member', type: 'string' },
        ],
      },
    ],
    run: runAdd,
  },
  {
    ...reading,
    name: 'geodist',
    summary: 'Returns the distance between two members.',
    complexity: 'O(1)',
    arity: -4,
    arguments: [
      keyArgument,
      ...pairArguments('string', 'member1', 'member2'),
      { ...unitArgument, flags: ['optional'] },
    ],
    run: runDistance,
  },
  {
    ...reading,
    name: 'geohash',
    summary: 'Returns the geohashes of members as text.',
    complexity: 'O(N), N being the number of members asked for',
    arity: -2,
    arguments: [keyArgument, membersArgument],
    run: runHash,
  },
  {
    ...reading,
    name: 'geopos',
    summary: 'Returns the longitudes and latitudes of members.',
    complexity: 'O(N), N being the number of members asked for',
    arity: -2,
    arguments: [keyArgument, membersArgument],
    run: runPosition,
  },
];
