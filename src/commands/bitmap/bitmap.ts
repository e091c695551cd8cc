/** The bitmap group, all of it. */

import type { Command } from '../spec.js';
import { bitfieldCommands } from './field.js';
import { bitmapReadCommands } from './read.js';
import { bitmapWriteCommands } from './write.js';

export const bitmapCommands: readonly Command[] = [
  ...bitmapReadCommands,
  ...bitmapWriteCommands,
  ...bitfieldCommands,
];
