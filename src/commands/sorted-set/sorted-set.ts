/** The sorted set group, all of it. */

import type { Command } from '../spec.js';
import { sortedSetAddCommands } from './add.js';
import { sortedSetAlgebraCommands } from './algebra-specs.js';
import { sortedSetPopCommands } from './pop.js';
import { sortedSetRangeCommands } from './range-specs.js';
import { sortedSetReadCommands } from './read.js';
import { sortedSetRemoveCommands } from './remove.js';
import { sortedSetScanCommands } from './scan.js';

export const sortedSetCommands: readonly Command[] = [
  ...sortedSetAddCommands,
  ...sortedSetAlgebraCommands,
  ...sortedSetPopCommands,
  ...sortedSetRangeCommands,
  ...sortedSetReadCommands,
  ...sortedSetRemoveCommands,
  ...sortedSetScanCommands,
];
