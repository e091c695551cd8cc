/**
 * What is measured: one table of workloads. A workload is a few weighted commands; the text `__rand_int__` in an argument
 * stands for twelve digits that are drawn anew for each request (redis-benchmark uses the same mark).
 */

/** The place of a random number in a request: as long as the digits that replace it. */
export const KEY_MARK = '__rand_int__';

const KEY = `key:${KEY_MARK}`;
const COUNTER = `counter:${KEY_MARK}`;
const LARGE_KEY = `large:${KEY_MARK}`;
const LARGE_VALUE_BYTES = 1024 * 1024;
const LARGE_KEYS = 64;
const KEYS_PER_MULTI = 10;

/** What the command line says about keys and values. */
export interface Shape {
  readonly valueSize: number;
  readonly keyRange: number;
  readonly readShare: number;
}

export interface WeightedCommand {
  readonly arguments: readonly string[];
  readonly weight: number;
}

export interface Workload {
  readonly name: string;
  readonly summary: string;
  /** The commands of a request, drawn by weight. */
  commands(shape: Shape): readonly WeightedCommand[];
  /** The command that writes one key before the rounds, for workloads that read. */
  preload?(shape: Shape): readonly string[];
  /** How many different keys there are, when not as many as asked. */
  keyRange?(shape: Shape): number;
}

const setKey = (shape: Shape): readonly string[] => ['SET', KEY, value(shape)];
const setLarge = (): readonly string[] => ['SET', LARGE_KEY, 'x'.repeat(LARGE_VALUE_BYTES)];
const fewLarge = (shape: Shape): number => Math.min(shape.keyRange, LARGE_KEYS);

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'ping',
    summary: 'PING: sockets and dispatch alone',
    commands: () => one('PING'),
  },
  {
    name: 'get',
    summary: 'GET of keys that exist',
    commands: () => one('GET', KEY),
    preload: setKey,
  },
  {
    name: 'miss',
    summary: 'GET of keys that never existed',
    commands: () => one('GET', `absent:${KEY_MARK}`),
  },
  {
    name: 'set',
    summary: 'SET',
    commands: (shape) => one('SET', KEY, value(shape)),
  },
  {
    name: 'setex',
    summary: 'SET with a time to live of 300 s',
    commands: (shape) => one('SETEX', KEY, '300', value(shape)),
  },
  {
    name: 'incr',
    summary: 'INCR',
    commands: () => one('INCR', COUNTER),
  },
  {
    name: 'append',
    summary: 'APPEND of 10 bytes',
    commands: () => one('APPEND', `log:${KEY_MARK}`, '0123456789'),
  },
  {
    name: 'getset',
    summary: 'GETSET of keys that exist',
    commands: (shape) => one('GETSET', KEY, value(shape)),
    preload: setKey,
  },
  {
    name: 'mset',
    summary: `MSET of ${KEYS_PER_MULTI} keys`,
    commands: (shape) => one('MSET', ...repeat(KEY, value(shape))),
  },
  {
    name: 'mget',
    summary: `MGET of ${KEYS_PER_MULTI} keys`,
    commands: () => one('MGET', ...repeat(KEY)),
    preload: setKey,
  },
  {
    name: 'mixed',
    summary: 'GET and SET, as many reads as --read-share says',
    commands: (shape) => [
      { arguments: ['GET', KEY], weight: shape.readShare },
      { arguments: setKey(shape), weight: 1 - shape.readShare },
    ],
    preload: setKey,
  },
  {
    name: 'large-set',
    summary: 'SET of 1 MiB, 64 keys',
    commands: () => [{ arguments: setLarge(), weight: 1 }],
    keyRange: fewLarge,
  },
  {
    name: 'large-get',
    summary: 'GET of 1 MiB, 64 keys',
    commands: () => one('GET', LARGE_KEY),
    preload: setLarge,
    keyRange: fewLarge,
  },
  {
    name: 'getrange',
    summary: 'GETRANGE of 100 bytes within 1 MiB, 64 keys',
    commands: () => one('GETRANGE', LARGE_KEY, '500000', '500099'),
    preload: setLarge,
    keyRange: fewLarge,
  },
  {
    name: 'cold-get',
    summary:
      'GET over ten times --key-range: more than fits the memory when the range is what fits',
    commands: () => one('GET', KEY),
    preload: setKey,
    keyRange: (shape) => shape.keyRange * 10,
  },
];

function one(...args: string[]): readonly WeightedCommand[] {
  return [{ arguments: args, weight: 1 }];
}

function repeat(...args: string[]): string[] {
  return Array.from({ length: KEYS_PER_MULTI }, () => args).flat();
}

function value(shape: Shape): string {
  return 'x'.repeat(shape.valueSize);
}
