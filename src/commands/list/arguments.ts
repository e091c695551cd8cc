/** What the list commands have in common. */

import { type End, List } from '../../types/list/list.js';
import { isWord } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import type { ArgumentSpec } from '../spec.js';

/** The list at the key, or undefined. @throws ValueError WRONG_TYPE */
export function findList(context: CommandContext, key: string): List | undefined {
  return List.find(context.db, key);
}

/** LEFT or RIGHT. @throws CommandError */
export function parseEnd(text: string): End {
  if (isWord(text, 'left')) return 'head';
  return isWord(text, 'right') ? 'tail' : fail(errors.syntax);
}

/** A position that may count from the tail, -1 being the last element. */
export function positionOf(index: number, length: number): number {
  return index < 0 ? length + index : index;
}

/** The part of a list from one index to another, both included, cut to what there is. */
export function rangeWithin(length: number, first: number, last: number): [number, number] {
  const start = Math.max(0, positionOf(first, length));
  const end = Math.min(length, positionOf(last, length) + 1);
  return start < end ? [start, end] : [0, 0];
}

export const element: ArgumentSpec = { name: 'element', type: 'string' };
export const elements: ArgumentSpec = { ...element, flags: ['multiple'] };

export const sourceAndDestination: readonly ArgumentSpec[] = [
  { name: 'source', type: 'key', keySpecIndex: 0 },
  { name: 'destination', type: 'key', keySpecIndex: 1 },
];

/** LEFT or RIGHT, under the name of what it chooses. */
export function endArgument(name: string): ArgumentSpec {
  return {
    name,
    type: 'oneof',
    arguments: [
      { name: 'left', type: 'pure-token', token: 'LEFT' },
      { name: 'right', type: 'pure-token', token: 'RIGHT' },
    ],
  };
}
