/** The bitmap group, all of it. */

import { bitfieldCommands } from './bitmap-field.js';
import { bitmapReadCommands } from './bitmap-read.js';
import { bitmapWriteCommands } from './bitmap-write.js';
import type { Command } from './spec.js';

export const bitmapCommands: readonly Command[] = [
  ...bitmapReadCommands,
  ...bitmapWriteCommands,
  ...bitfieldCommands,
];
