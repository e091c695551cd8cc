/**
 * The cluster group, as a server has it that is no node of a cluster: as Redis does then, it knows the commands and refuses
 * all of them, so that clients which ask whether there is a cluster learn that there is none.
 */

import { fail } from '../command-error.js';
import { token } from '../key-specs.js';
import type { ArgumentSpec, Command, CommandFlag } from '../spec.js';

const shared = {
  since: '3.0.0',
  group: 'cluster',
  complexity: 'O(1)',
  run: () => fail('ERR This instance has cluster support disabled'),
} as const satisfies Partial<Command>;

type Subcommand = Pick<Command, 'name' | 'arity' | 'summary'> & Partial<Command>;

const VARIES = ['nondeterministic_output'] as const;
const integer = (name: string): ArgumentSpec => ({ name, type: 'integer' });
const text = (name: string): ArgumentSpec => ({ name, type: 'string' });
const several = (spec: ArgumentSpec): ArgumentSpec => ({ ...spec, flags: ['multiple'] });
const optional = (spec: ArgumentSpec): ArgumentSpec => ({ ...spec, flags: ['optional'] });
const oneOf = (name: string, ...words: readonly string[]): ArgumentSpec => {
  return { name, type: 'oneof', arguments: words.map((word) => token(word)) };
};
const range: ArgumentSpec = {
  name: 'range',
  type: 'block',
  arguments: [integer('start-slot'), integer('end-slot')],
};
const node = [text('node-id')];

/** What each would do in a cluster: those that only tell something, and those that change it. */
const questions: readonly Subcommand[] = [
  {
    name: 'countkeysinslot',
    arity: 3,
    summary: 'Counts keys of a slot',
    arguments: [integer('slot')],
  },
  {
    name: 'getkeysinslot',
    tips: VARIES,
    arity: 4,
    summary: 'Lists keys of a slot',
    arguments: [integer('slot'), integer('count')],
  },
  { name: 'info', tips: VARIES, arity: 2, summary: 'Tells the state of the cluster' },
  { name: 'keyslot', arity: 3, summary: 'Tells the slot of a key', arguments: [text('key')] },
  {
    name: 'links',
    tips: VARIES,
    arity: 2,
    summary: 'Lists connections to other nodes',
    since: '7.0.0',
  },
  { name: 'myid', arity: 2, summary: 'Tells who the node is' },
  { name: 'myshardid', arity: 2, summary: 'Tells which shard the node is of', since: '7.2.0' },
  { name: 'nodes', tips: VARIES, arity: 2, summary: 'Lists nodes' },
  {
    name: 'shards',
    tips: VARIES,
    arity: 2,
    summary: 'Lists shards and their nodes',
    since: '7.0.0',
  },
  { name: 'slots', tips: VARIES, arity: 2, summary: 'Tells which nodes have which slots' },
  {
    name: 'help',
    arity: 2,
    summary: 'Lists the subcommands',
    since: '5.0.0',
    flags: ['loading', 'stale'],
  },
];

const changes: readonly Subcommand[] = [
  { name: 'addslots', arity: -3, summary: 'Takes slots', arguments: [several(integer('slot'))] },
  {
    name: 'addslotsrange',
    arity: -4,
    summary: 'Takes ranges of slots',
    since: '7.0.0',
    arguments: [several(range)],
  },
  { name: 'bumpepoch', tips: VARIES, arity: 2, summary: 'Advances the epoch' },
  {
    name: 'count-failure-reports',
    tips: VARIES,
    arity: 3,
    summary: 'Counts those who report a node',
    flags: ['admin', 'stale'],
    arguments: node,
  },
  { name: 'delslots', arity: -3, summary: 'Gives slots up', arguments: [several(integer('slot'))] },
  {
    name: 'delslotsrange',
    arity: -4,
    summary: 'Gives ranges of slots up',
    since: '7.0.0',
    arguments: [several(range)],
  },
  {
    name: 'failover',
    arity: -2,
    summary: 'Takes the place of its master',
    arguments: [optional(oneOf('how', 'FORCE', 'TAKEOVER'))],
  },
  { name: 'flushslots', arity: 2, summary: 'Gives all slots up' },
  { name: 'forget', arity: 3, summary: 'Forgets a node', arguments: node },
  {
    name: 'meet',
    arity: -4,
    summary: 'Gets to know a node',
    arguments: [text('ip'), integer('port'), optional(integer('cluster-bus-port'))],
  },
  {
    name: 'replicas',
    tips: VARIES,
    arity: 3,
    summary: 'Lists replicas',
    since: '5.0.0',
    flags: ['admin', 'stale'],
    arguments: node,
  },
  { name: 'replicate', arity: 3, summary: 'Follows a master', arguments: node },
  {
    name: 'reset',
    arity: -2,
    summary: 'Forgets the cluster',
    flags: ['admin', 'noscript', 'stale'],
    arguments: [optional(oneOf('how', 'HARD', 'SOFT'))],
  },
  { name: 'saveconfig', arity: 2, summary: 'Saves what it knows' },
  {
    name: 'set-config-epoch',
    arity: 3,
    summary: 'Sets the epoch of a new node',
    arguments: [integer('config-epoch')],
  },
  {
    name: 'setslot',
    arity: -4,
    summary: 'Tells which node has a slot',
    arguments: [
      integer('slot'),
      oneOf('state', 'IMPORTING', 'MIGRATING', 'NODE', 'STABLE'),
      optional(text('node-id')),
    ],
  },
  {
    name: 'slaves',
    tips: VARIES,
    arity: 3,
    summary: 'Is the older name of CLUSTER REPLICAS',
    flags: ['admin', 'stale'],
    arguments: node,
  },
];

function refused(subcommands: readonly Subcommand[], flags: readonly CommandFlag[]): Command[] {
  return subcommands.map((each) => {
    return { ...shared, flags, ...each, summary: `${each.summary}: refused.` };
  });
}

export const clusterCommands: readonly Command[] = [
  {
    ...shared,
    name: 'cluster',
    summary:
      'A container for the commands of a cluster; each is refused, for this is no node of one.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      ...refused(questions, ['stale']),
      ...refused(changes, ['admin', 'stale', 'no_async_loading']),
    ],
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
