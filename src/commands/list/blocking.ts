/** List commands that wait until there is an element to take. */

import { ValueType } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import type { End } from '../../types/list/list.js';
import { parseTimeout, timeoutArgument } from '../blocking.js';
import type { CommandContext } from '../context.js';
import { countedKeys, keyArguments, keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';
import { endArgument, findList, parseEnd, sourceAndDestination } from './arguments.js';
import { moveElement, moveKeys, parseManyPop, popMany, popManyArguments } from './pop.js';

type Run = NonNullable<Command['run']>;

/** BLPOP and BRPOP key … timeout */
function popOrWait(end: End): Run {
  return (context, argv) => {
    const { reply } = context;
    const timeout = parseTimeout(argv[argv.length - 1] as string);
    const keys = argv.slice(1, -1);
    for (const key of keys) {
      const [popped] = findList(context, key)?.pop(end, 1) ?? [];
      if (popped !== undefined) return reply.bulks([key, popped]);
    }
    return context.block({ keys, type: ValueType.list, timeout, otherwise: reply.nullArray });
  };
}

/** BLMPOP timeout numkeys key … LEFT|RIGHT [COUNT count] */
function popManyOrWait(context: CommandContext, argv: readonly string[]): Reply {
  const wanted = parseManyPop(argv, 2);
  const timeout = parseTimeout(argv[1] as string);
  const { keys } = wanted;
  const otherwise = context.reply.nullArray;
  const popped = popMany(context, wanted);
  return popped ?? context.block({ keys, type: ValueType.list, timeout, otherwise });
}

/** BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout */
function moveOrWait(context: CommandContext, argv: readonly string[]): Reply {
  const ends = [parseEnd(argv[3] as string), parseEnd(argv[4] as string)] as const;
  return moveElementOrWait(context, argv, ...ends, argv[5] as string);
}

/** BRPOPLPUSH source destination timeout */
function moveFromTailOrWait(context: CommandContext, argv: readonly string[]): Reply {
  return moveElementOrWait(context, argv, 'tail', 'head', argv[3] as string);
}

function moveElementOrWait(
  context: CommandContext,
  [, source, target]: readonly string[],
  from: End,
  to: End,
  timeoutText: string,
): Reply {
  const { reply } = context;
  const timeout = parseTimeout(timeoutText);
  const moved = moveElement(context, source as string, target as string, from, to);
  if (moved !== undefined) return reply.bulk(moved);
  const keys = [source as string];
  // Redis has an array here when the time is up.
  const replies = { otherwise: reply.nullArray, withoutWait: reply.nullBulk };
  return context.block({ keys, type: ValueType.list, timeout, ...replies });
}

/** What BLPOP and BRPOP have in common. */
const pops = {
  since: '2.0.0',
  group: 'list',
  complexity: 'O(N), N being the number of keys',
  arity: -3,
  flags: ['write', 'noscript', 'blocking'],
  keys: [keysAt(1, -2, 1, ['RW', 'access', 'delete'])],
  history: [['6.0.0', 'The timeout may have a fraction.']],
  arguments: [keyArguments, timeoutArgument],
} as const satisfies Partial<Command>;

export const listBlockingCommands: readonly Command[] = [
  {
    name: 'blmove',
    summary: 'Moves an element from one list to another, as soon as there is one, and returns it.',
    since: '6.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 6,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    keys: moveKeys,
    arguments: [
      ...sourceAndDestination,
      endArgument('wherefrom'),
      endArgument('whereto'),
      timeoutArgument,
    ],
    run: moveOrWait,
  },
  {
    name: 'blmpop',
    summary: 'Removes and returns elements of the first list that has any, as soon as one has.',
    since: '7.0.0',
    group: 'list',
    complexity: 'O(N+M), N being the number of keys, M of the elements returned',
    arity: -5,
    flags: ['write', 'blocking'],
    keys: [countedKeys(2, ['RW', 'access', 'delete'])],
    arguments: [timeoutArgument, ...popManyArguments],
    run: popManyOrWait,
  },
  {
    ...pops,
    name: 'blpop',
    summary: 'Removes and returns the first element of a list, as soon as there is one.',
    run: popOrWait('head'),
  },
  {
    ...pops,
    name: 'brpop',
    summary: 'Removes and returns the last element of a list, as soon as there is one.',
    run: popOrWait('tail'),
  },
  {
    name: 'brpoplpush',
    summary: 'Moves the last element of a list to the head of another, as soon as there is one.',
    since: '2.2.0',
    group: 'list',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    keys: moveKeys,
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
    history: [['6.0.0', 'The timeout may have a fraction.']],
    arguments: [...sourceAndDestination, timeoutArgument],
    run: moveFromTailOrWait,
  },
];
