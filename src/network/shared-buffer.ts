/** A socket that reads into a buffer which many share, so that a read allocates nothing. */

import { Socket } from 'node:net';

/**
 * The accepted connection as a socket that reads into the given buffer. `net.Socket` takes `onread` only in its
 * constructor, and a server makes its sockets itself: so the handle moves to a new one.
 */
export function withSharedBuffer(
  accepted: Socket,
  buffer: Buffer,
  onRead: (length: number) => void,
): Socket {
  const { _handle: handle } = accepted as unknown as { _handle: unknown };
  const options = {
    handle,
    allowHalfOpen: true, // a client may close its side and still wait for its replies
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (length: number): boolean => {
        onRead(length);
        return true;
      },
    },
  };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  (accepted as unknown as { _handle: unknown })._handle = null;
  accepted.destroy(); // the server counts it as closed, so that closing the server does not wait for it
  return socket;
}
