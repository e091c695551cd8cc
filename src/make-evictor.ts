/** What the configuration says of memory, as the cache and eviction take it, also when it changes. */

import type { Logger } from './base/log.js';
import type { ServerStatistics } from './commands/context.js';
import type { Config } from './config/config.js';
import { CACHE_MIN } from './config/memory.js';
import { Evictor } from './eviction/evictor.js';
import type { ClientSizes } from './eviction/memory-limit.js';
import type { Keyspace } from './keyspace/keyspace.js';

export interface EvictorSettings {
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly statistics: ServerStatistics;
  readonly clientSizes: ClientSizes;
  readonly logger: Logger;
}

export function makeEvictor(parts: EvictorSettings): Evictor {
  const { config, keyspace, statistics, clientSizes, logger } = parts;
  const { eviction, redis } = config.values;
  const onEvicted = (): void => {
    statistics.evictedKeys++;
  };
  const { random } = Math;
  const settings = eviction;
  const evictor = new Evictor({ keyspace, settings, clientSizes, logger, random, onEvicted });
  const { usage } = keyspace.residents;
  usage.settings = redis;
  usage.count(eviction.policy.endsWith('lfu'));
  config.onChange('eviction.maxMemory', () => evictor.limit.look());
  config.onChange('eviction.policy', (policy) => {
    evictor.forget();
    usage.count(policy.endsWith('lfu'));
  });
  return evictor;
}

/** What does not fit the dataset need not fit the cache; but what waits for a fold must have some room. */
export function limitCache(config: Config, keyspace: Keyspace): void {
  const limit = (): void => {
    const { cacheSize, eviction } = config.values;
    const most = eviction.maxMemory === 0 ? cacheSize : Math.max(eviction.maxMemory, CACHE_MIN);
    keyspace.options.cacheBytes = Math.min(cacheSize, most);
  };
  config.onChange('cacheSize', limit);
  config.onChange('eviction.maxMemory', limit);
  limit();
}
