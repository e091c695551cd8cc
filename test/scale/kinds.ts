/** How the elements of each type are written, read and told apart. Elements are numbered. */

export interface Kind {
  readonly name: string;
  /** Adds an element, as arguments after `command key`. */
  readonly add: { readonly command: string; readonly element: (i: number) => readonly string[] };
  /** Elements are added in order, one by one: over one connection. */
  readonly isOrdered?: boolean;
  /** The command takes one element at a time. */
  readonly isSingle?: boolean;
  /** Reads the element, and what the reply must be. */
  readonly read: (i: number) => readonly string[];
  readonly expected: (i: number, version: number) => string;
  /** Gives the element another version; without it, elements do not change. */
  readonly write?: (i: number, version: number) => readonly string[];
  /** Reads of about a hundred elements somewhere in the middle, and of all. */
  readonly range?: (i: number, count: number) => readonly string[];
  readonly all: readonly (readonly string[])[];
  readonly scan?: string;
  /** Takes the strings of a reply with elements; returns the number of the element that is whole, or undefined. */
  readonly reader: () => (item: string) => { i: number; version: string } | undefined;
  /** What must be refused because it takes too much memory. */
  readonly refused: readonly (readonly string[])[];
}

const KEY = 'big';

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

function textOf(i: number, version: number): string {
  return `${i}:${version}:${(Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(36).padStart(24, 'x')}`;
}

function parseValue(text: string): { i: number; version: string } {
  const [i, version] = text.split(':') as [string, string];
  return { i: Number(i), version };
}

/** Distinct for each number, and in another order. */
export function scoreOf(i: number, version: number): number {
  return (Math.imul(i + 1, 0x9e3779b1) >>> 0) * 256 + version;
}

const hash: Kind = {
  name: 'hash',
  add: { command: 'HSET', element: (i) => [`field:${i}`, textOf(i, 0)] },
  read: (i) => ['HGET', KEY, `field:${i}`],
  expected: (i, version) => bulk(textOf(i, version)),
  write: (i, version) => ['HSET', KEY, `field:${i}`, textOf(i, version)],
  all: [['HGETALL', KEY]],
  scan: 'HSCAN',
  reader: () => (item) => (item.startsWith('field:') ? undefined : parseValue(item)),
  refused: [['COPY', KEY, 'copy']],
};

const set: Kind = {
  name: 'set',
  add: { command: 'SADD', element: (i) => [textOf(i, 0)] },
  read: (i) => ['SISMEMBER', KEY, textOf(i, 0)],
  expected: () => ':1\r\n',
  all: [['SMEMBERS', KEY]],
  scan: 'SSCAN',
  reader: () => parseValue,
  refused: [
    ['SUNIONSTORE', 'copy', KEY],
    ['SORT', KEY, 'ALPHA', 'LIMIT', '0', '10'],
  ],
};

const zset: Kind = {
  name: 'zset',
  add: { command: 'ZADD', element: (i) => [String(scoreOf(i, 0)), `member:${i}`] },
  read: (i) => ['ZSCORE', KEY, `member:${i}`],
  expected: (i, version) => bulk(String(scoreOf(i, version))),
  write: (i, version) => ['ZADD', KEY, String(scoreOf(i, version)), `member:${i}`],
  range: (i, count) => [
    'ZRANGEBYSCORE',
    KEY,
    String(scoreOf(i, 0)),
    '+inf',
    'WITHSCORES',
    'LIMIT',
    '0',
    String(count),
  ],
  all: [
    ['ZRANGE', KEY, '0', '-1', 'WITHSCORES'],
    ['ZREVRANGEBYSCORE', KEY, '+inf', '-inf', 'WITHSCORES'],
  ],
  scan: 'ZSCAN',
  reader: () => {
    let i = 0;
    return (item) => {
      if (item.startsWith('member:')) {
        i = Number(item.slice('member:'.length));
        return undefined;
      }
      return { i, version: String(Number(item) - scoreOf(i, 0)) };
    };
  },
  refused: [['ZUNIONSTORE', 'copy', '1', KEY]],
};

const list: Kind = {
  name: 'list',
  add: { command: 'RPUSH', element: (i) => [textOf(i, 0)] },
  isOrdered: true,
  read: (i) => ['LINDEX', KEY, String(i)],
  expected: (i, version) => bulk(textOf(i, version)),
  write: (i, version) => ['LSET', KEY, String(i), textOf(i, version)],
  range: (i, count) => ['LRANGE', KEY, String(i), String(i + count - 1)],
  all: [['LRANGE', KEY, '0', '-1']],
  reader: () => parseValue,
  refused: [
    ['COPY', KEY, 'copy'],
    ['SORT', KEY, 'ALPHA', 'LIMIT', '0', '10'],
  ],
};

const stream: Kind = {
  name: 'stream',
  add: { command: 'XADD', element: (i) => [`${i + 1}-1`, 'n', textOf(i, 0)] },
  isOrdered: true,
  isSingle: true,
  read: (i) => ['XRANGE', KEY, `${i + 1}-1`, `${i + 1}-1`],
  expected: (i) => `*1\r\n*2\r\n${bulk(`${i + 1}-1`)}*2\r\n${bulk('n')}${bulk(textOf(i, 0))}`,
  range: (i, count) => ['XRANGE', KEY, `${i + 1}-1`, '+', 'COUNT', String(count)],
  all: [
    ['XRANGE', KEY, '-', '+'],
    ['XREVRANGE', KEY, '+', '-'],
  ],
  reader: () => (item) => (item.includes(':') ? parseValue(item) : undefined),
  refused: [['COPY', KEY, 'copy']],
};

export const KINDS: readonly Kind[] = [hash, set, zset, list, stream];
