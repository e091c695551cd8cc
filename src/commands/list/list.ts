/** The list group, all of it. */

import type { Command } from '../spec.js';
import { listBlockingCommands } from './blocking.js';
import { listPopCommands } from './pop.js';
import { listReadCommands } from './read.js';
import { listWriteCommands } from './write.js';

export const listCommands: readonly Command[] = [
  ...listReadCommands,
  ...listWriteCommands,
  ...listPopCommands,
  ...listBlockingCommands,
];
