/** The hash group, all of it. */

import { hashExpireCommands } from './hash-expire.js';
import { hashReadCommands } from './hash-read.js';
import { hashScanCommands } from './hash-scan.js';
import { hashTimedCommands } from './hash-timed.js';
import { hashWriteCommands } from './hash-write.js';
import type { Command } from './spec.js';

export const hashCommands: readonly Command[] = [
  ...hashExpireCommands,
  ...hashReadCommands,
  ...hashScanCommands,
  ...hashTimedCommands,
  ...hashWriteCommands,
];
