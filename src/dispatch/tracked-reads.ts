/** Runs a command of a client that caches: what it reads is remembered. */

import type { Reply } from '../protocol/reply.js';
import type { Request } from './request.js';

/** `run` runs the command of the request, once. What a script reads are the keys that it declares. */
export function runTracked(request: Request, run: () => Reply): Reply {
  const { session, command } = request;
  const { tracking } = session.server;
  if (session.tracking?.noLoop) tracking.changes(session);
  if (command.command.group === 'scripting') return runScript(request, run);
  const reply = run();
  if (command.isReadonly && !command.isPubsub) rememberKeys(request);
  return reply;
}

/** The client caches what the request has read: of a script, the keys that it declares. */
export function rememberKeys(request: Request): void {
  const { session } = request;
  if (remembers(request)) session.server.tracking.remember(session, keysOf(request));
}

function runScript(request: Request, run: () => Reply): Reply {
  const { session } = request;
  session.script = request;
  try {
    return run();
  } finally {
    session.script = undefined;
  }
}

function remembers({ session: { tracking } }: Request): boolean {
  if (tracking === undefined || tracking.broadcasts) return false;
  return !(tracking.optIn && !tracking.caching) && !(tracking.optOut && tracking.caching);
}

function keysOf({ command, args }: Request): readonly string[] {
  const keys = command.keysOf(args) ?? [];
  return keys.map(({ position }) => String(args[position]));
}
