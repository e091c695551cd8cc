/** `ASYNC|SYNC` of the commands that empty something. Both are the same here: what was there becomes garbage at once. */

import { isWord } from './arguments.js';
import { token } from './key-specs.js';
import type { ArgumentSpec } from './spec.js';

export function isFlushType(word = 'sync'): boolean {
  return isWord(word, 'sync') || isWord(word, 'async');
}

export const flushTypeArgument: ArgumentSpec = {
  name: 'flush-type',
  type: 'oneof',
  flags: ['optional'],
  arguments: [token('ASYNC'), token('SYNC')],
};
