/** The generic group, all of it: what can be done with a key whatever its type. */

import type { Command } from '../spec.js';
import { dumpCommands } from './dump.js';
import { expireCommands } from './expire.js';
import { keyCommands } from './key.js';
import { objectCommands } from './object.js';
import { scanCommands } from './scan.js';
import { sortCommands } from './sort.js';
import { waitCommands } from './wait.js';

export const genericCommands: readonly Command[] = [
  ...dumpCommands,
  ...expireCommands,
  ...keyCommands,
  ...objectCommands,
  ...scanCommands,
  ...sortCommands,
  ...waitCommands,
];
