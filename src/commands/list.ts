/** The list group, all of it. */

import { listBlockingCommands } from './list-blocking.js';
import { listPopCommands } from './list-pop.js';
import { listReadCommands } from './list-read.js';
import { listWriteCommands } from './list-write.js';
import type { Command } from './spec.js';

export const listCommands: readonly Command[] = [
  ...listReadCommands,
  ...listWriteCommands,
  ...listPopCommands,
  ...listBlockingCommands,
];
