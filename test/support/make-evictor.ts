/** What keeps the dataset within `maxmemory`, without a server around it. */

import type { Logger } from '../../src/base/log.js';
import type { Config } from '../../src/config/config.js';
import { Evictor } from '../../src/eviction/evictor.js';
import type { Keyspace } from '../../src/keyspace/keyspace.js';
import type { Statistics } from '../../src/observability/statistics.js';

export function makeEvictor(
  keyspace: Keyspace,
  config: Config,
  statistics: Statistics,
  logger: Logger,
): Evictor {
  const evictor = new Evictor({
    keyspace,
    settings: config.values.eviction,
    clientSizes: () => [],
    logger,
    random: Math.random,
    onEvicted: () => {
      statistics.evictedKeys++;
    },
  });
  config.onChange('eviction.policy', (policy) => {
    evictor.forget();
    keyspace.residents.usage.count(policy.endsWith('lfu'));
  });
  return evictor;
}
