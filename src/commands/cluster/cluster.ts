/**
 * The cluster group, as a server has it that is no node of a cluster: as Redis does then, it knows the commands and refuses
 * all of them, so that clients which ask whether there is a cluster learn that there is none.
 */

import { fail } from '../command-error.js';
import type { Command, CommandFlag } from '../spec.js';

const shared = {
  since: '3.0.0',
  group: 'cluster',
  complexity: 'O(1)',
  run: () => fail('ERR This instance has cluster support disabled'),
} as const satisfies Partial<Command>;

const READS: readonly CommandFlag[] = ['stale'];
const LISTS: readonly CommandFlag[] = ['admin', 'stale'];
const CHANGES: readonly CommandFlag[] = ['admin', 'stale', 'no_async_loading'];

/** What each would do in a cluster. */
const subcommands: readonly (readonly [string, number, readonly CommandFlag[], string, string?])[] =
  [
    ['addslots', -3, CHANGES, 'Gives hash slots to the node.'],
    ['addslotsrange', -4, CHANGES, 'Gives ranges of hash slots to the node.', '7.0.0'],
    ['bumpepoch', 2, CHANGES, "Advances the cluster's configuration epoch."],
    ['count-failure-reports', 3, LISTS, 'Returns how many nodes report another one as failing.'],
    ['countkeysinslot', 3, READS, 'Returns how many keys of a hash slot the node has.'],
    ['delslots', -3, CHANGES, 'Takes hash slots from the node.'],
    ['delslotsrange', -4, CHANGES, 'Takes ranges of hash slots from the node.', '7.0.0'],
    ['failover', -2, CHANGES, 'Makes a replica take the place of its master.'],
    ['flushslots', 2, CHANGES, 'Takes all hash slots from the node.'],
    ['forget', 3, CHANGES, 'Removes a node from those that are known.'],
    ['getkeysinslot', 4, READS, 'Returns keys of a hash slot.'],
    ['info', 2, READS, "Returns the cluster's state."],
    ['keyslot', 3, READS, 'Returns the hash slot of a key.'],
    ['links', 2, READS, "Returns the node's connections to others.", '7.0.0'],
    ['meet', -4, CHANGES, 'Makes the node known to another.'],
    ['myid', 2, READS, "Returns the node's identifier."],
    ['myshardid', 2, READS, "Returns the identifier of the node's shard.", '7.2.0'],
    ['nodes', 2, READS, 'Returns the nodes that are known.'],
    ['replicas', 3, LISTS, 'Returns the replicas of a master.', '5.0.0'],
    ['replicate', 3, CHANGES, 'Makes the node the replica of a master.'],
    ['reset', -2, ['admin', 'noscript', 'stale'], 'Makes the node forget the cluster.'],
    ['saveconfig', 2, CHANGES, "Saves the cluster's configuration."],
    ['set-config-epoch', 3, CHANGES, 'Sets the configuration epoch of a new node.'],
    ['setslot', -4, CHANGES, 'Says which node has a hash slot, or is about to.'],
    ['shards', 2, READS, 'Returns the shards and their nodes.', '7.0.0'],
    ['slaves', 3, LISTS, 'Is the older name of CLUSTER REPLICAS.'],
    ['slots', 2, READS, 'Returns which nodes have which hash slots.'],
    ['help', 2, ['loading', 'stale'], 'Lists the subcommands.', '5.0.0'],
  ];

export const clusterCommands: readonly Command[] = [
  {
    ...shared,
    name: 'cluster',
    summary:
      'A container for the commands of a cluster; each is refused, for this is no node of one.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: subcommands.map(([name, arity, flags, summary, since = shared.since]) => {
      return { ...shared, name, arity, flags, summary, since };
    }),
  },
  {
    ...shared,
    name: 'asking',
    summary:
      'Announces a request that another node has redirected; refused, for this is no node of a cluster.',
    arity: 1,
    categories: ['connection'],
    flags: ['fast'],
  },
  {
    ...shared,
    name: 'readonly',
    summary: 'Allows reads from a replica of a cluster; refused, for this is no node of one.',
    arity: 1,
    categories: ['connection'],
    flags: ['loading', 'stale', 'fast'],
  },
  {
    ...shared,
    name: 'readwrite',
    summary: 'Takes READONLY back; refused, for this is no node of a cluster.',
    arity: 1,
    categories: ['connection'],
    flags: ['loading', 'stale', 'fast'],
  },
];
