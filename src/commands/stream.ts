/** The stream group, all of it. */

import type { Command } from './spec.js';
import { streamReadCommands } from './stream-read.js';
import { streamTrimCommands } from './stream-trim.js';
import { streamWriteCommands } from './stream-write.js';

export const streamCommands: readonly Command[] = [
  ...streamReadCommands,
  ...streamTrimCommands,
  ...streamWriteCommands,
];
