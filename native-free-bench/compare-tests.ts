/** What the comparison with redis-server measures: the commands of redis-benchmark's own tests, XADD, and what changes strings in place. */

export const VALUE_BYTES = 100;
/** Keys, members and fields are drawn from so many. */
export const KEYS = 100_000;
/** For what fills a collection: so many that nearly every one that is drawn is new. */
export const KEYS_OF_FILL = 1_000_000_000;

const VALUE = 'x'.repeat(VALUE_BYTES);
const NUMBER = '__rand_int__';

export interface CompareTest {
  readonly command: readonly string[];
  /** What is deleted before and after, on both servers. */
  readonly removes?: string;
  /** Sent first as often as the command, unmeasured: what the command takes away or reads. */
  readonly fill?: readonly string[];
}

const lists = { removes: 'mylist' };
const fullList = { ...lists, fill: ['LPUSH', 'mylist', VALUE] };
const score = ['ZADD', 'myzset', NUMBER];

export const compareTests: Readonly<Record<string, CompareTest>> = {
  GET: { command: ['GET', `key:${NUMBER}`] },
  SET: { command: ['SET', `key:${NUMBER}`, VALUE] },
  INCR: { command: ['INCR', `counter:${NUMBER}`] },
  LPUSH: { ...lists, command: ['LPUSH', 'mylist', VALUE] },
  RPOP: { ...fullList, command: ['RPOP', 'mylist'] },
  LRANGE_100: { ...fullList, command: ['LRANGE', 'mylist', '0', '99'] },
  SADD: { removes: 'myset', command: ['SADD', 'myset', `element:${NUMBER}`] },
  SPOP: {
    removes: 'myset',
    fill: ['SADD', 'myset', `element:${NUMBER}`],
    command: ['SPOP', 'myset'],
  },
  HSET: { removes: 'myhash', command: ['HSET', 'myhash', `element:${NUMBER}`, VALUE] },
  ZADD: { removes: 'myzset', command: [...score, `element:${NUMBER}`] },
  APPEND: { removes: 'mystring', command: ['APPEND', 'mystring', 'x'.repeat(16)] },
  PFADD: { removes: 'mylog', command: ['PFADD', 'mylog', `element:${NUMBER}`] },
  XADD: { removes: 'mystream', command: ['XADD', 'mystream', '*', 'field', VALUE] },
};
