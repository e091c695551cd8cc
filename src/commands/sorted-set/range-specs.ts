/** The entries of ZRANGE and of the commands that it has replaced. */

import { keyArgument, keysAt, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { pairArguments, withScoresArgument } from './arguments.js';
import { rangeCommand, storeRange } from './range.js';

function limitArgument(since?: string): ArgumentSpec {
  const spec = {
    name: 'limit',
    type: 'block',
    token: 'LIMIT',
    flags: ['optional'],
    arguments: pairArguments('integer', 'offset', 'count'),
  } as const;
  return since === undefined ? spec : { ...spec, since };
}

/** What stands behind the bounds of ZRANGE and ZRANGESTORE. */
function rangeOptionArguments(since?: string): readonly ArgumentSpec[] {
  const added = since === undefined ? {} : { since };
  return [
    {
      name: 'sortby',
      type: 'oneof',
      ...added,
      flags: ['optional'],
      arguments: [token('BYSCORE'), token('BYLEX')],
    },
    { ...token('REV', since), flags: ['optional'] },
    limitArgument(since),
  ];
}

const shared = {
  group: 'sorted-set',
  complexity: 'O(log(N)+M), N being the size of the sorted set and M the members returned',
  arity: -4,
  flags: ['readonly'],
  keys: oneKey(['RO', 'access']),
} as const satisfies Partial<Command>;

function replacedBy(form: string): Pick<Command, 'deprecated'> {
  return { deprecated: { since: '6.2.0', replacedBy: `\`ZRANGE\` with the ${form}` } };
}

export const sortedSetRangeCommands: readonly Command[] = [
  {
    ...shared,
    name: 'zrange',
    summary: 'Returns the members between two ranks, scores or members.',
    since: '1.2.0',
    history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
    arguments: [
      keyArgument,
      ...pairArguments('string', 'start', 'stop'),
      ...rangeOptionArguments('6.2.0'),
      withScoresArgument,
    ],
    run: rangeCommand({}),
  },
  {
    ...shared,
    ...replacedBy('`BYLEX` argument'),
    name: 'zrangebylex',
    summary: 'Returns the members between two members, if all have the same score.',
    since: '2.8.9',
    arguments: [keyArgument, ...pairArguments('string', 'min', 'max'), limitArgument()],
    run: rangeCommand({ kind: 'lex', reverse: false }),
  },
  {
    ...shared,
    ...replacedBy('`BYSCORE` argument'),
    name: 'zrangebyscore',
    summary: 'Returns the members between two scores.',
    since: '1.0.5',
    history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
    arguments: [
      keyArgument,
      ...pairArguments('double', 'min', 'max'),
      { ...withScoresArgument, since: '2.0.0' },
      limitArgument(),
    ],
    run: rangeCommand({ kind: 'score', reverse: false }),
  },
  {
    name: 'zrangestore',
    summary: 'Stores the members between two ranks, scores or members.',
    since: '6.2.0',
    group: 'sorted-set',
    complexity: 'O(log(N)+M), N being the size of the sorted set and M the members stored',
    arity: -5,
    flags: ['write', 'denyoom'],
    keys: [keysAt(1, 0, 1, ['OW', 'update']), keysAt(2, 0, 1, ['RO', 'access'])],
    arguments: [
      { ...keyArgument, name: 'dst' },
      { ...keyArgument, name: 'src', keySpecIndex: 1 },
      ...pairArguments('string', 'min', 'max'),
      ...rangeOptionArguments(),
    ],
    run: storeRange,
  },
  {
    ...shared,
    ...replacedBy('`REV` argument'),
    name: 'zrevrange',
    summary: 'Returns the members between two ranks, the highest first.',
    since: '1.2.0',
    arguments: [keyArgument, ...pairArguments('integer', 'start', 'stop'), withScoresArgument],
    run: rangeCommand({ kind: 'rank', reverse: true }),
  },
  {
    ...shared,
    ...replacedBy('`REV` and `BYLEX` arguments'),
    name: 'zrevrangebylex',
    summary: 'Returns the members between two members, the last first, if all have the same score.',
    since: '2.8.9',
    arguments: [keyArgument, ...pairArguments('string', 'max', 'min'), limitArgument()],
    run: rangeCommand({ kind: 'lex', reverse: true }),
  },
  {
    ...shared,
    ...replacedBy('`REV` and `BYSCORE` arguments'),
    name: 'zrevrangebyscore',
    summary: 'Returns the members between two scores, the highest first.',
    since: '2.2.0',
    history: [['2.1.6', '`min` and `max` can be exclusive.']],
    arguments: [
      keyArgument,
      ...pairArguments('double', 'max', 'min'),
      withScoresArgument,
      limitArgument(),
    ],
    run: rangeCommand({ kind: 'score', reverse: true }),
  },
];
