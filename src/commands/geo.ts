/** The geo group. */

import { geoMemberCommands } from './geo-member.js';
import { geoSearchCommands } from './geo-search-specs.js';
import type { Command } from './spec.js';

export const geoCommands: readonly Command[] = [...geoMemberCommands, ...geoSearchCommands];
