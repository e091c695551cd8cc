/** The configured thresholds of the forms that OBJECT ENCODING names. */

import type { SetLimits } from '../../types/set/encoding.js';
import type { CommandContext } from '../context.js';

export function setLimits({ server }: CommandContext): SetLimits {
  const { redis } = server.config.values;
  return {
    intsetEntries: redis.setMaxIntsetEntries,
    listpackEntries: redis.setMaxListpackEntries,
    listpackValue: redis.setMaxListpackValue,
  };
}
