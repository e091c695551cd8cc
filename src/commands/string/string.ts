/** The string group, all of it. */

import type { Command } from '../spec.js';
import { stringLcsCommands } from './lcs.js';
import { stringNumberCommands } from './number.js';
import { stringReadCommands } from './read.js';
import { stringWriteCommands } from './write.js';

export const stringCommands: readonly Command[] = [
  ...stringReadCommands,
  ...stringWriteCommands,
  ...stringNumberCommands,
  ...stringLcsCommands,
];
