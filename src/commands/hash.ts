/** The hash group, all of it. */

import { hashReadCommands } from './hash-read.js';
import { hashScanCommands } from './hash-scan.js';
import { hashWriteCommands } from './hash-write.js';
import type { Command } from './spec.js';

export const hashCommands: readonly Command[] = [
  ...hashReadCommands,
  ...hashScanCommands,
  ...hashWriteCommands,
];
