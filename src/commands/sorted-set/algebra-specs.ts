/** The entries of the commands that combine sorted sets. */

import { countedKeyArguments, countedKeys, keyArgument, keysAt, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { answer, answerAndStore, countIntersection, type Operation } from './algebra.js';
import { oneOfTokens, withScoresArgument } from './arguments.js';

const weightArguments: readonly ArgumentSpec[] = [
  { name: 'weight', type: 'integer', token: 'WEIGHTS', flags: ['optional', 'multiple'] },
  { ...oneOfTokens('aggregate', 'SUM', 'MIN', 'MAX'), token: 'AGGREGATE', flags: ['optional'] },
];

const COMPLEXITY: Readonly<Record<Operation, string>> = {
  union: 'O(N)+O(M*log(M)), N being the members of all inputs and M those of the result',
  inter:
    'O(N*K)+O(M*log(M)), N being the members of the smallest input, K the number of inputs and M the members of the result',
  diff: 'O(N*K)+O(M*log(M)), N being the members of the first input, K the number of inputs and M the members of the result',
};

interface Outline {
  readonly name: string;
  readonly summary: string;
  readonly of: Operation;
}

function answering({ of, ...outline }: Outline): Command {
  return {
    ...outline,
    since: '6.2.0',
    group: 'sorted-set',
    complexity: COMPLEXITY[of],
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, ['RO', 'access'])],
    arguments: [
      ...countedKeyArguments(0),
      ...(of === 'diff' ? [] : weightArguments),
      withScoresArgument,
    ],
    run: answer(of),
  };
}

function storing({ of, ...outline }: Outline): Command {
  return {
    ...outline,
    since: of === 'diff' ? '6.2.0' : '2.0.0',
    group: 'sorted-set',
    complexity: COMPLEXITY[of],
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: [keysAt(1, 0, 1, ['OW', 'update']), countedKeys(2, ['RO', 'access'])],
    arguments: [
      { ...keyArgument, name: 'destination' },
      ...countedKeyArguments(1),
      ...(of === 'diff' ? [] : weightArguments),
    ],
    run: answerAndStore(of),
  };
}

export const sortedSetAlgebraCommands: readonly Command[] = [
  answering({
    name: 'zdiff',
    summary: 'Returns the members of the first sorted set that are in no other.',
    of: 'diff',
  }),
  storing({
    name: 'zdiffstore',
    summary: 'Stores the members of the first sorted set that are in no other.',
    of: 'diff',
  }),
  answering({
    name: 'zinter',
    summary: 'Returns the members that all sorted sets have.',
    of: 'inter',
  }),
  {
    name: 'zintercard',
    summary: 'Counts the members that all sorted sets have.',
    since: '7.0.0',
    group: 'sorted-set',
    complexity: 'O(N*K), N being the members of the smallest input and K the number of inputs',
    arity: -3,
    flags: ['readonly'],
    keys: [countedKeys(1, ['RO', 'access'])],
    arguments: [
      ...countedKeyArguments(0),
      { ...token('LIMIT'), type: 'integer', flags: ['optional'] },
    ],
    run: countIntersection,
  },
  storing({
    name: 'zinterstore',
    summary: 'Stores the members that all sorted sets have.',
    of: 'inter',
  }),
  answering({
    name: 'zunion',
    summary: 'Returns the members of several sorted sets.',
    of: 'union',
  }),
  storing({
    name: 'zunionstore',
    summary: 'Stores the members of several sorted sets.',
    of: 'union',
  }),
];
