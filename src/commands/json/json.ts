/** The JSON group: RedisJSON's commands. */

import type { Command } from '../spec.js';
import { jsonArrayCommands } from './array.js';
import { jsonGetCommands } from './get.js';
import { jsonReadCommands } from './read.js';
import { jsonSetCommands } from './set.js';
import { jsonUpdateCommands } from './update.js';

export const jsonCommands: readonly Command[] = [
  ...jsonSetCommands,
  ...jsonGetCommands,
  ...jsonReadCommands,
  ...jsonUpdateCommands,
  ...jsonArrayCommands,
];
