/** What `maxmemory-policy` says: which keys may go, and which of them first. */

export type PolicyName =
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'noeviction';

export interface Policy {
  /** Only keys that expire. */
  readonly isVolatile: boolean;
  readonly order: 'lru' | 'lfu' | 'random' | 'ttl';
}

const POLICIES: Readonly<Record<PolicyName, Policy | undefined>> = {
  'volatile-lru': { isVolatile: true, order: 'lru' },
  'volatile-lfu': { isVolatile: true, order: 'lfu' },
  'volatile-random': { isVolatile: true, order: 'random' },
  'volatile-ttl': { isVolatile: true, order: 'ttl' },
  'allkeys-lru': { isVolatile: false, order: 'lru' },
  'allkeys-lfu': { isVolatile: false, order: 'lfu' },
  'allkeys-random': { isVolatile: false, order: 'random' },
  noeviction: undefined,
};

/** undefined: no key is deleted. */
export function policyOf(name: PolicyName): Policy | undefined {
  return POLICIES[name];
}
