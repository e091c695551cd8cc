/** The set group, all of it. */

import type { Command } from '../spec.js';
import { setAlgebraCommands } from './algebra.js';
import { setMemberCommands } from './member.js';
import { setRandomCommands } from './random.js';

export const setCommands: readonly Command[] = [
  ...setMemberCommands,
  ...setRandomCommands,
  ...setAlgebraCommands,
];
