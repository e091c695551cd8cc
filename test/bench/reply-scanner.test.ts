import { describe, expect, it } from 'vitest';
import { ReplyScanner } from '../../native-free-bench/reply-scanner.js';

/** Each is one whole reply. */
const REPLIES = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':-42\r\n',
  '$5\r\nhello\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n$3\r\n\r\n\r\r\n*2\r\n+a\r\n$-1\r\n',
  '_\r\n',
  '#t\r\n',
  ',3.25\r\n',
  '(123456789012345678901234567890\r\n',
  '=7\r\ntxt:abc\r\n',
  '!5\r\nERR x\r\n',
  '%2\r\n+k\r\n:1\r\n+l\r\n*1\r\n:2\r\n',
  '~2\r\n:1\r\n:2\r\n',
  '|1\r\n+ttl\r\n:3\r\n$1\r\nx\r\n',
  '*2\r\n|1\r\n+ttl\r\n:3\r\n:1\r\n:2\r\n',
];

describe('ReplyScanner', () => {
  it.each(REPLIES)('counts %j as one reply', (reply) => {
    const scanner = new ReplyScanner();
    expect(scanner.feed(Buffer.from(reply))).toBe(1);
  });

  it('finds each end in a pipeline', () => {
    const scanner = new ReplyScanner();
    const stream = Buffer.from(REPLIES.join(''));
    const found: string[] = [];
    for (let at = 0; at < stream.length; ) {
      const end = scanner.next(stream, at);
      expect(scanner.complete).toBe(true);
      found.push(stream.toString('latin1', at, end));
      at = end;
    }
    expect(found).toEqual(REPLIES);
  });

  it('counts the same however the stream is cut', () => {
    const stream = Buffer.from(REPLIES.join(''));
    for (let size = 1; size < 20; size++) {
      const scanner = new ReplyScanner();
      for (let at = 0; at < stream.length; at += size) scanner.feed(stream.subarray(at, at + size));
      expect(scanner.replies).toBe(REPLIES.length);
    }
  });

  it('does not count pushes', () => {
    const scanner = new ReplyScanner();
    expect(scanner.feed(Buffer.from('>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n+OK\r\n'))).toBe(1);
  });

  it('counts errors at the top level and keeps the first', () => {
    const scanner = new ReplyScanner();
    scanner.feed(Buffer.from('-ERR one\r\n-ERR two\r\n*1\r\n-ERR inside\r\n'));
    expect(scanner.replies).toBe(3);
    expect(scanner.errors).toBe(2);
    expect(scanner.firstError).toBe('-ERR one');
  });

  it('refuses what is not a reply', () => {
    expect(() => new ReplyScanner().feed(Buffer.from('HTTP/1.1'))).toThrow('not a reply');
  });
});
