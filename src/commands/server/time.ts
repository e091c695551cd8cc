/** TIME. */

import type { Reply } from '../../protocol/reply.js';
import type { CommandContext } from '../context.js';
import type { Command } from '../spec.js';

const SECOND = 1000;

/** To the millisecond, which is how exactly the server's clock is read. */
function runTime({ db, reply }: CommandContext): Reply {
  const seconds = Math.floor(db.now / SECOND);
  const microseconds = (db.now % SECOND) * 1000;
  return reply.bulks([String(seconds), String(microseconds)]);
}

export const timeCommands: readonly Command[] = [
  {
    name: 'time',
    summary: 'Returns the time in seconds and microseconds.',
    since: '2.6.0',
    group: 'server',
    complexity: 'O(1)',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    tips: ['nondeterministic_output'],
    run: runTime,
  },
];
