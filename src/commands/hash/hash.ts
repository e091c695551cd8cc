/** The hash group, all of it. */

import type { Command } from '../spec.js';
import { hashExpireCommands } from './expire.js';
import { hashReadCommands } from './read.js';
import { hashScanCommands } from './scan.js';
import { hashTimedCommands } from './timed.js';
import { hashWriteCommands } from './write.js';

export const hashCommands: readonly Command[] = [
  ...hashExpireCommands,
  ...hashReadCommands,
  ...hashScanCommands,
  ...hashTimedCommands,
  ...hashWriteCommands,
];
