/** What a server without replicas says of replication. */

import type { Reply } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { token } from '../key-specs.js';
import type { Command } from '../spec.js';

function runRole({ reply }: CommandContext): Reply {
  return reply.array([reply.bulk('master'), reply.integer(0), reply.emptyArray]);
}

function runReplicaOf({ reply }: CommandContext, argv: readonly string[]): Reply {
  const [, host, port] = argv as [string, string, string];
  if (isWord(host, 'no') && isWord(port, 'one')) return reply.ok;
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65_535) fail('ERR Invalid master port');
  return fail('ERR DiskDB cannot replicate another server yet');
}

const replicaOf: Omit<Command, 'name' | 'summary' | 'since'> = {
  group: 'server',
  complexity: 'O(1)',
  arity: 3,
  flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
  arguments: [
    {
      name: 'args',
      type: 'oneof',
      arguments: [
        {
          name: 'host-port',
          type: 'block',
          arguments: [
            { name: 'host', type: 'string' },
            { name: 'port', type: 'integer' },
          ],
        },
        { name: 'no-one', type: 'block', arguments: [token('NO'), token('ONE')] },
      ],
    },
  ],
  run: runReplicaOf,
};

export const replicationCommands: readonly Command[] = [
  {
    name: 'role',
    summary: 'Returns the part that the server has in a replication: it has none but master.',
    since: '2.8.12',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    categories: ['admin', 'dangerous'],
    run: runRole,
  },
  {
    ...replicaOf,
    name: 'replicaof',
    summary: 'Makes the server follow another, or none: it cannot follow one yet.',
    since: '5.0.0',
  },
  {
    ...replicaOf,
    name: 'slaveof',
    summary: 'Is the older name of REPLICAOF.',
    since: '1.0.0',
    deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
  },
];
