/** The string group, all of it. */

import type { Command } from './spec.js';
import { stringLcsCommands } from './string-lcs.js';
import { stringNumberCommands } from './string-number.js';
import { stringReadCommands } from './string-read.js';
import { stringWriteCommands } from './string-write.js';

export const stringCommands: readonly Command[] = [
  ...stringReadCommands,
  ...stringWriteCommands,
  ...stringNumberCommands,
  ...stringLcsCommands,
];
