/** The stream group, all of it. */

import type { Command } from '../spec.js';
import { streamAutoClaimCommands } from './auto-claim.js';
import { streamClaimCommands } from './claim.js';
import { streamConsumeCommands } from './consume.js';
import { streamGroupCommands } from './group.js';
import { streamInfoCommands } from './info.js';
import { streamPendingCommands } from './pending.js';
import { streamReadCommands } from './read.js';
import { streamTrimCommands } from './trim.js';
import { streamWriteCommands } from './write.js';

export const streamCommands: readonly Command[] = [
  ...streamAutoClaimCommands,
  ...streamClaimCommands,
  ...streamConsumeCommands,
  ...streamGroupCommands,
  ...streamInfoCommands,
  ...streamPendingCommands,
  ...streamReadCommands,
  ...streamTrimCommands,
  ...streamWriteCommands,
];
