/** The client that scripts are to the commands they call: that of whoever called the script, but for what it cannot do. */

import { CommandError } from '../commands/command-error.js';
import {
  type CommandContext,
  EMPTY_QUERY_BUFFER,
  type KeyWait,
  type ServerContext,
} from '../commands/context.js';
import { Session, type Transport } from '../dispatch/session.js';
import type { Reply } from '../protocol/reply.js';

/** What MONITOR shows as the address of what a script calls. */
const ADDRESS = 'lua';

export class ScriptSession extends Session {
  constructor(server: ServerContext) {
    super(0, server, new NoTransport());
  }

  /** Scripts have the rights of their caller, begin in its database, and read what it caches. */
  actFor({ client, db }: CommandContext): void {
    const caller = client as Session;
    this.account = caller.account;
    this.authenticated = caller.authenticated;
    this.db = db;
    this.tracking = caller.tracking;
    this.script = caller.script;
  }

  override await<T>(_name: string, _start: () => Promise<T>): T {
    throw new CommandError('ERR This Redis command is not allowed from script');
  }

  override block(wait: KeyWait): Reply {
    return wait.withoutWait ?? wait.otherwise;
  }
}

class NoTransport implements Transport {
  readonly address = ADDRESS;
  readonly localAddress = ADDRESS;
  readonly fileDescriptor = -1;
  readonly queryBuffer = EMPTY_QUERY_BUFFER;
  readonly outputBytes = 0;

  push(): void {
    // Nobody reads it.
  }

  closeAfterReply(): void {
    // There is nothing to close.
  }

  kill(): void {
    // Nor here.
  }
}
