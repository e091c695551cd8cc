/** Replies that are too large to be held: the bulk strings in them, one after the other as they come. */

import { connect } from 'node:net';
import { encodeCommand } from '../support/resp-connection.js';

const LINE_END = Buffer.from('\r\n');

/** Calls `visit` for each bulk string of one reply, an array of which some items may be arrays. Returns how many there were. */
export function readItems(
  port: number,
  command: readonly string[],
  visit: (item: string) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let rest: Buffer = Buffer.alloc(0);
    /** Items that are still to come, of all arrays that were begun. */
    let due = 1;
    let items = 0;
    socket.on('error', reject);
    socket.on('close', () =>
      reject(new Error('the connection was closed in the middle of a reply')),
    );
    socket.on('data', (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      while (due > 0) {
        const end = rest.indexOf(LINE_END, at);
        if (end < 0) break;
        const mark = rest.toString('latin1', at, at + 1);
        const text = rest.toString('latin1', at + 1, end);
        if (mark === '-') reject(new Error(text));
        const length = Number(text);
        if (mark === '$') {
          if (rest.length < end + 4 + length) break;
          visit(rest.toString('latin1', end + 2, end + 2 + length));
          items++;
          at = end + 4 + length;
        } else {
          if (mark === '*') due += length;
          at = end + 2;
        }
        due--;
      }
      rest = rest.subarray(at);
      if (due > 0) return;
      socket.removeAllListeners('close').destroy();
      resolve(items);
    });
    socket.write(encodeCommand(command));
  });
}
