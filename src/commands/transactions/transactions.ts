/** The transactions group: requests that are queued and run as one, on the condition that no watched key changes. */

import type { Reply } from '../../protocol/reply.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';

function multi({ client, reply, transaction }: CommandContext): Reply {
  if (client.inTransaction) fail('ERR MULTI calls can not be nested');
  transaction.begin();
  return reply.ok;
}

/** That it ends the transaction is a property of the command. */
function discard({ client, reply }: CommandContext): Reply {
  if (!client.inTransaction) fail('ERR DISCARD without MULTI');
  return reply.ok;
}

function exec({ client, reply, transaction }: CommandContext): Reply {
  if (!client.inTransaction) fail('ERR EXEC without MULTI');
  if (transaction.isAborted) {
    fail('EXECABORT Transaction discarded because of previous errors.');
  }
  return transaction.run(reply) ?? reply.nullArray;
}

function watch({ client, db, reply, transaction }: CommandContext, argv: readonly string[]): Reply {
  if (client.inTransaction) fail('ERR WATCH inside MULTI is not allowed');
  transaction.watch(db, argv.slice(1));
  return reply.ok;
}

function unwatch({ reply, transaction }: CommandContext): Reply {
  transaction.unwatch();
  return reply.ok;
}

export const transactionCommands: readonly Command[] = [
  {
    name: 'discard',
    summary: 'Forgets what was queued since MULTI, and ends the transaction.',
    since: '2.0.0',
    group: 'transactions',
    complexity: 'O(N), when N is the number of queued commands',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    duringMulti: 'ends',
    run: discard,
  },
  {
    name: 'exec',
    summary: 'Runs what was queued since MULTI, all of it or nothing.',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'Depends on commands in the transaction',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    duringMulti: 'ends',
    run: exec,
  },
  {
    name: 'multi',
    summary: 'Begins a transaction: the commands that follow are queued until EXEC.',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    duringMulti: 'runs',
    run: multi,
  },
  {
    name: 'unwatch',
    summary: 'Watches no key any more.',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    run: unwatch,
  },
  {
    name: 'watch',
    summary: 'Has EXEC run nothing if one of the keys changes before it.',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(1) for every key.',
    arity: -2,
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
    keys: [keysAt(1, -1, 1, ['RO'])],
    arguments: [{ ...keyArgument, flags: ['multiple'] }],
    duringMulti: 'runs',
    run: watch,
  },
];
