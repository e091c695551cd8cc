/** `npx vitest bench test/protocol`: pipelines in one 64 KiB read; the time is per read, not per request. */
import { bench } from 'vitest';
import { RequestParser } from '../../src/protocol/request-parser.js';
import { encodeRequest } from './requests.js';

const READ_BYTES = 65_536;

function benchRead(name: string, args: (key: string) => string[], most = Infinity): void {
  const read = Buffer.alloc(READ_BYTES);
  let end = 0;
  let count = 0;
  for (; count < most; count++) {
    const wire = encodeRequest(args(`key:${String(count).padStart(12, '0')}`));
    if (end + wire.length > READ_BYTES) break;
    end += read.write(wire, end, 'latin1');
  }
  const parser = new RequestParser();
  bench(`${name}: ${count} requests`, () => {
    parser.push(read, 0, end);
    while (parser.next());
    parser.retain();
  });
}

const value = 'v'.repeat(100);

benchRead('GET, a full read', (key) => ['GET', key]);
benchRead('SET of 100 bytes, a full read', (key) => ['SET', key, value]);
benchRead('GET, pipelined', (key) => ['GET', key], 16);
benchRead('SET of 100 bytes, pipelined', (key) => ['SET', key, value], 16);
benchRead('GET, alone', (key) => ['GET', key], 1);
