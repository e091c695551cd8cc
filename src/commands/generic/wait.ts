/** WAIT and WAITAOF: until what this client wrote is on replicas, or on this server's disk. */

import { yieldTurn } from '../../base/yield-turn.js';
import type { Reply } from '../../protocol/reply.js';
import { parseInteger, parseIntegerWithin } from '../arguments.js';
import { parseMilliseconds } from '../blocking.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import type { Command } from '../spec.js';

/** There are no replicas, and while that is so none can appear: nothing is gained by waiting. */
function runWait({ reply }: CommandContext, argv: readonly string[]): Reply {
  parseInteger(argv[1] as string);
  parseMilliseconds(argv[2] as string);
  return reply.integer(0);
}

function runWaitForLog(context: CommandContext, argv: readonly string[]): Reply {
  const { reply, server } = context;
  const local = parseIntegerWithin(argv[1] as string, 0, 1);
  parseIntegerWithin(argv[2] as string, 0, Number.MAX_SAFE_INTEGER);
  parseMilliseconds(argv[3] as string);
  if (!server.config.values.persistence.walEnabled) {
    if (local === 0) return reply.array([reply.integer(0), reply.integer(0)]);
    fail('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
  }
  context.await('log-sync', () => syncAfterThisTurn(context));
  return reply.array([reply.integer(1), reply.integer(0)]);
}

/** What the client wrote just before is written to the log at the end of the turn, and can be synced then. */
async function syncAfterThisTurn({ server }: CommandContext): Promise<void> {
  await yieldTurn();
  await server.keyspace.storage.log.sync();
}

export const waitCommands: readonly Command[] = [
  {
    name: 'wait',
    summary: 'Waits until replicas have what the connection wrote; there are none.',
    since: '3.0.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['blocking'],
    categories: ['connection'],
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
    arguments: [
      { name: 'numreplicas', type: 'integer' },
      { name: 'timeout', type: 'integer' },
    ],
    run: runWait,
  },
  {
    name: 'waitaof',
    summary: 'Waits until what the connection wrote is on stable storage, here and on replicas.',
    since: '7.2.0',
    group: 'generic',
    complexity: 'O(1)',
    arity: 4,
    flags: ['blocking'],
    categories: ['connection'],
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
    arguments: [
      { name: 'numlocal', type: 'integer' },
      { name: 'numreplicas', type: 'integer' },
      { name: 'timeout', type: 'integer' },
    ],
    run: runWaitForLog,
  },
];
