/** The file of a unix socket: whose it is, and who may use it. */

import { chmodSync, type Stats, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { DiskDbError } from '../base/errors.js';

/**
 * Makes room for a socket of ours: one that a server has left when it died goes.
 * @throws DiskDbError if a server listens there, or if the file is no socket
 */
export async function freePath(path: string): Promise<void> {
  const found: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw taken(path, 'a file that is no socket is there');
  if (await isAlive(path)) throw taken(path, 'another server listens there');
  unlinkSync(path);
}

/** 0 leaves them to the umask. */
export function allowAccess(path: string, permissions: number): void {
  if (permissions !== 0) chmodSync(path, permissions);
}

/** Of a dead server nobody accepts. One that is full, or of another user, lives. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(code !== 'ECONNREFUSED'));
  });
}

function taken(path: string, why: string): DiskDbError {
  return new DiskDbError('CONFIG_INVALID', `cannot listen on ${path} (unixsocket): ${why}`);
}
