/** The stream group, all of it. */

import type { Command } from './spec.js';
import { streamAutoClaimCommands } from './stream-auto-claim.js';
import { streamClaimCommands } from './stream-claim.js';
import { streamConsumeCommands } from './stream-consume.js';
import { streamGroupCommands } from './stream-group.js';
import { streamInfoCommands } from './stream-info.js';
import { streamPendingCommands } from './stream-pending.js';
import { streamReadCommands } from './stream-read.js';
import { streamTrimCommands } from './stream-trim.js';
import { streamWriteCommands } from './stream-write.js';

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
