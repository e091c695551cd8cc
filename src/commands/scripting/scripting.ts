/** The scripting group: scripts, functions, and what both have in common. */

import type { Command } from '../spec.js';
import { callCommands } from './call.js';
import { evalCommands } from './eval.js';
import { functionCommand } from './function.js';
import { scriptCommand } from './script.js';

export const scriptingCommands: readonly Command[] = [
  ...evalCommands,
  ...callCommands,
  scriptCommand,
  functionCommand,
];
