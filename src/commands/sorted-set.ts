/** The sorted set group, all of it. */

import { sortedSetAddCommands } from './sorted-set-add.js';
import { sortedSetAlgebraCommands } from './sorted-set-algebra-specs.js';
import { sortedSetPopCommands } from './sorted-set-pop.js';
import { sortedSetRangeCommands } from './sorted-set-range-specs.js';
import { sortedSetReadCommands } from './sorted-set-read.js';
import { sortedSetRemoveCommands } from './sorted-set-remove.js';
import { sortedSetScanCommands } from './sorted-set-scan.js';
import type { Command } from './spec.js';

export const sortedSetCommands: readonly Command[] = [
  ...sortedSetAddCommands,
  ...sortedSetAlgebraCommands,
  ...sortedSetPopCommands,
  ...sortedSetRangeCommands,
  ...sortedSetReadCommands,
  ...sortedSetRemoveCommands,
  ...sortedSetScanCommands,
];
