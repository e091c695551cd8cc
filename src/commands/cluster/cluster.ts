/** The cluster group, as far as a server that is no node of a cluster has it: what a client may send to any node is refused. */

import { fail } from '../command-error.js';
import type { Command } from '../spec.js';

const shared = {
  since: '3.0.0',
  group: 'cluster',
  complexity: 'O(1)',
  arity: 1,
  categories: ['connection'],
  run: () => fail('ERR This instance has cluster support disabled'),
} as const satisfies Partial<Command>;

export const clusterCommands: readonly Command[] = [
  {
    ...shared,
    name: 'asking',
    summary:
      'Announces a request that another node has redirected; refused, for this is no node of a cluster.',
    flags: ['fast'],
  },
  {
    ...shared,
    name: 'readonly',
    summary: 'Allows reads from a replica of a cluster; refused, for this is no node of one.',
    flags: ['loading', 'stale', 'fast'],
  },
  {
    ...shared,
    name: 'readwrite',
    summary: 'Takes READONLY back; refused, for this is no node of a cluster.',
    flags: ['loading', 'stale', 'fast'],
  },
];
