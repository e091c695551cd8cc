/** A socket that reads into a buffer which many share, so that a read allocates nothing. */

import { Socket } from 'node:net';
import type { Clock } from '../base/clock.js';

/** How long one socket is read at a stretch, in milliseconds of the monotonic clock. */
const STRETCH_MS = 5;

/**
 * The accepted connection as a socket that reads into the given buffer. `net.Socket` takes `onread` only in its
 * constructor, and a server makes its sockets itself: so the handle moves to a new one.
 *
 * Who goes on filling the buffer is read again in the next turn of the event loop, after others: libuv would read up to 32 times
 * first, and what is read is served at once. (By time: with 3 ms, too, pipelines of 2,000 requests were an eighth slower, measured.)
 */
export function withSharedBuffer(
  accepted: Socket,
  buffer: Buffer,
  clock: Clock,
  onRead: (length: number) => void,
): Socket {
  /** When the first of the reads began that have filled the buffer, one after the other. */
  let start: number | undefined;
  const { _handle: handle } = accepted as unknown as { _handle: unknown };
  const options = {
    handle,
    allowHalfOpen: true, // a client may close its side and still wait for its replies
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (length: number): boolean => {
        if (length < buffer.length) {
          start = undefined;
          onRead(length);
          return true;
        }
        start ??= clock.monotonic();
        onRead(length);
        if (clock.monotonic() - start < STRETCH_MS) return true;
        start = undefined;
        setImmediate(readOn);
        return false;
      },
    },
  };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  const readOn = (): void => {
    if (!socket.isPaused()) socket.resume();
  };
  (accepted as unknown as { _handle: unknown })._handle = null;
  accepted.destroy(); // the server counts it as closed, so that closing the server does not wait for it
  return socket;
}
