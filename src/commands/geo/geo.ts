/** The geo group. */

import type { Command } from '../spec.js';
import { geoMemberCommands } from './member.js';
import { geoSearchCommands } from './search-specs.js';

export const geoCommands: readonly Command[] = [...geoMemberCommands, ...geoSearchCommands];
