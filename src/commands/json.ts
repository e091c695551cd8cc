/** The JSON group: RedisJSON's commands. */

import { jsonArrayCommands } from './json-array.js';
import { jsonGetCommands } from './json-get.js';
import { jsonReadCommands } from './json-read.js';
import { jsonSetCommands } from './json-set.js';
import { jsonUpdateCommands } from './json-update.js';
import type { Command } from './spec.js';

export const jsonCommands: readonly Command[] = [
  ...jsonSetCommands,
  ...jsonGetCommands,
  ...jsonReadCommands,
  ...jsonUpdateCommands,
  ...jsonArrayCommands,
];
