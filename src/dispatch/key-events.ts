/** Runs a command while somebody wants keyspace events: the keys that it has changed are told of. */

import type { KeyEvent } from '../commands/key-events.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { Database } from '../keyspace/database.js';
import type { Entry } from '../keyspace/entry.js';
import { EventClass, type KeyspaceEvents } from '../keyspace/events.js';
import type { Reply } from '../protocol/reply.js';
import type { Request } from './request.js';

/** `run` runs the command of the request, once. */
export function runNoted({ session, command }: Request, run: () => Reply): Reply {
  const { transaction, events } = session.server.keyspace;
  const start = transaction.savepoint();
  events.notesMisses = tellsMisses(events, command);
  try {
    const reply = run();
    if (command.keyEvent !== undefined) {
      const changed = transaction.changedSince(start);
      for (const entry of changed) noteChange(session.db, command.keyEvent, entry);
    }
    return reply;
  } finally {
    events.notesMisses = false;
  }
}

/** What EXEC or a script runs has this of its own. */
function tellsMisses({ classes }: KeyspaceEvents, command: ResolvedCommand): boolean {
  if ((classes & EventClass.miss) === 0) return false;
  return command.countsLookUps && !command.fullName.startsWith('object|');
}

function noteChange(db: Database, { kind, name, replaces }: KeyEvent, entry: Entry): void {
  const isGone = entry.record === undefined;
  if (!isGone || !replaces) db.notify(kind, name, entry.key);
  if (isGone) db.notify('generic', 'del', entry.key);
}
