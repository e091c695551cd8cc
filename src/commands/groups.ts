/** Every command there is: the tables of the files beside this one. */

import type { Command } from './spec.js';

export const commandGroups: readonly (readonly Command[])[] = [];
