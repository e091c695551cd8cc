/** The set group, all of it. */

import { setAlgebraCommands } from './set-algebra.js';
import { setMemberCommands } from './set-member.js';
import { setRandomCommands } from './set-random.js';
import type { Command } from './spec.js';

export const setCommands: readonly Command[] = [
  ...setMemberCommands,
  ...setRandomCommands,
  ...setAlgebraCommands,
];
