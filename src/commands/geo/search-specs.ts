/** The entries of GEOSEARCH, GEOSEARCHSTORE and of the commands that they have replaced. */

import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import { memberArgument, oneOfTokens, pairArguments } from '../sorted-set/arguments.js';
import type { ArgumentSpec, Command, KeySpec } from '../spec.js';
import { unitArgument } from './arguments.js';
import { answerSearch, storeSearch } from './search.js';
import { areaOptions, areaStoreOptions, searchOptions, storeOptions } from './search-options.js';

const shared = {
  group: 'geo',
  complexity:
    'O(N+log(M)), N being the number of members in the cells around the area and M those in the area',
} as const satisfies Partial<Command>;

const reading = { flags: ['readonly'], keys: oneKey(['RO', 'access']) } as const;
const writing = { flags: ['write', 'denyoom'] } as const;

function replacedBy(form: string): Pick<Command, 'deprecated'> {
  return { deprecated: { since: '6.2.0', replacedBy: form } };
}

const UPPERCASE_UNITS = ['7.0.0', 'Added support for uppercase unit names.'] as const;
const ANY = ['6.2.0', 'Added the `ANY` option for `COUNT`.'] as const;

const radiusArgument: ArgumentSpec = { name: 'radius', type: 'double' };
const placeArguments = pairArguments('double', 'longitude', 'latitude');

const orderArgument: ArgumentSpec = {
  ...oneOfTokens('order', 'ASC', 'DESC'),
  flags: ['optional'],
};

const detailArguments: readonly ArgumentSpec[] = ['WITHCOORD', 'WITHDIST', 'WITHHASH'].map(
  (word) => ({ ...token(word), flags: ['optional'] }),
);

function countArgument(anySince?: string): ArgumentSpec {
  return {
    name: 'count',
    type: 'block',
    flags: ['optional'],
    arguments: [
      { name: 'count', type: 'integer', token: 'COUNT' },
      { ...token('ANY', anySince), flags: ['optional'] },
    ],
  };
}

const areaArguments: readonly ArgumentSpec[] = [
  {
    name: 'from',
    type: 'oneof',
    arguments: [
      { ...memberArgument, token: 'FROMMEMBER' },
      {
        name: 'longitude_latitude',
        type: 'block',
        token: 'FROMLONLAT',
        arguments: placeArguments,
      },
    ],
  },
  {
    name: 'by',
    type: 'oneof',
    arguments: [
      {
        name: 'circle',
        type: 'block',
        arguments: [{ ...radiusArgument, token: 'BYRADIUS' }, unitArgument],
      },
      {
        name: 'box',
        type: 'block',
        arguments: [
          { name: 'width', type: 'double', token: 'BYBOX' },
          { name: 'height', type: 'double' },
          unitArgument,
        ],
      },
    ],
  },
  orderArgument,
  countArgument(),
];

/** The key that a word stands before, if it is there. */
function keyAfter(keyword: string, startFrom: number): KeySpec {
  return {
    flags: ['OW', 'update'],
    begin: { keyword, startFrom },
    find: { range: { lastKey: 0, step: 1, limit: 0 } },
  };
}

function storingKeys(startFrom: number): readonly KeySpec[] {
  return [
    keysAt(1, 0, 1, ['RO', 'access']),
    keyAfter('STORE', startFrom),
    keyAfter('STOREDIST', startFrom),
  ];
}

const storeArguments: readonly ArgumentSpec[] = [
  { ...keyArgument, keySpecIndex: 1, token: 'STORE', flags: ['optional'] },
  { ...keyArgument, keySpecIndex: 2, token: 'STOREDIST', flags: ['optional'] },
];

/** What GEORADIUS and GEORADIUSBYMEMBER, and their readonly forms, take. */
function radiusArguments(
  from: readonly ArgumentSpec[],
  anySince: string | undefined,
): readonly ArgumentSpec[] {
  return [
    keyArgument,
    ...from,
    radiusArgument,
    unitArgument,
    ...detailArguments,
    countArgument(anySince),
    orderArgument,
  ];
}

const aroundPlace = radiusArguments(placeArguments, '6.2.0');
const aroundMember = radiusArguments([memberArgument], undefined);

export const geoSearchCommands: readonly Command[] = [
  {
    ...shared,
    ...writing,
    ...replacedBy('`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument'),
    name: 'georadius',
    summary: 'Finds the members around a place, and may store them.',
    since: '3.2.0',
    arity: -6,
    keys: storingKeys(6),
    history: [ANY, UPPERCASE_UNITS],
    arguments: [...aroundPlace, ...storeArguments],
    run: answerSearch({ keyAt: 1, leading: 'place', options: storeOptions }),
  },
  {
    ...shared,
    ...reading,
    ...replacedBy('`GEOSEARCH` with the `BYRADIUS` argument'),
    name: 'georadius_ro',
    summary: 'Finds the members around a place, and stores nothing.',
    since: '3.2.10',
    arity: -6,
    history: [ANY],
    arguments: aroundPlace,
    run: answerSearch({ keyAt: 1, leading: 'place', options: searchOptions }),
  },
  {
    ...shared,
    ...writing,
    ...replacedBy(
      '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
    ),
    name: 'georadiusbymember',
    summary: 'Finds the members around one of them, and may store them.',
    since: '3.2.0',
    arity: -5,
    keys: storingKeys(5),
    history: [UPPERCASE_UNITS],
    arguments: [...aroundMember, ...storeArguments],
    run: answerSearch({ keyAt: 1, leading: 'member', options: storeOptions }),
  },
  {
    ...shared,
    ...reading,
    ...replacedBy('`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments'),
    name: 'georadiusbymember_ro',
    summary: 'Finds the members around one of them, and stores nothing.',
    since: '3.2.10',
    arity: -5,
    arguments: aroundMember,
    run: answerSearch({ keyAt: 1, leading: 'member', options: searchOptions }),
  },
  {
    ...shared,
    ...reading,
    name: 'geosearch',
    summary: 'Finds the members in a circle or a box.',
    since: '6.2.0',
    arity: -7,
    history: [UPPERCASE_UNITS],
    arguments: [keyArgument, ...areaArguments, ...detailArguments],
    run: answerSearch({ keyAt: 1, leading: 'nothing', options: areaOptions }),
  },
  {
    ...shared,
    ...writing,
    name: 'geosearchstore',
    summary: 'Stores the members in a circle or a box.',
    since: '6.2.0',
    arity: -8,
    keys: [keysAt(1, 0, 1, ['OW', 'update']), keysAt(2, 0, 1, ['RO', 'access'])],
    history: [UPPERCASE_UNITS],
    arguments: [
      { ...keyArgument, name: 'destination' },
      { ...keyArgument, name: 'source', keySpecIndex: 1 },
      ...areaArguments,
      { ...token('STOREDIST'), flags: ['optional'] },
    ],
    run: storeSearch({ keyAt: 2, leading: 'nothing', options: areaStoreOptions }),
  },
];
