/** MONITOR: the client is shown every request that runs, and reads and writes no keys meanwhile. */

import type { Reply } from '../../protocol/reply.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import type { Command } from '../spec.js';

/** A second one changes nothing, and as in Redis it has no reply. */
function runMonitor({ client, reply, server }: CommandContext): Reply {
  const { monitors, keyspace } = server;
  if (client.inTransaction) fail("ERR MONITOR isn't allowed for DENY BLOCKING client");
  if (monitors.has(client)) return '';
  monitors.add(client);
  keyspace.transaction.onUndo(() => monitors.remove(client));
  return reply.ok;
}

export const monitorCommands: readonly Command[] = [
  {
    name: 'monitor',
    summary: 'Shows every request that runs, until the connection ends or is reset.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(N) for each request that runs, N being the length of its arguments',
    arity: 1,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    history: [['6.0.0', '`AUTH` is not shown with its arguments.']],
    run: runMonitor,
  },
];
