/** Reads what stands at a key, of whichever type: whole, and in the form of the model. */

import { decodeReply, type Reply } from '../support/decode-reply.js';
import type { RespConnection } from '../support/resp-connection.js';
import { isLibrary, readLibrary } from './functions.js';
import type { Entry, Field, Group, StreamEntry, Value } from './model-value.js';

type Ask = (...command: readonly string[]) => Promise<Reply>;
type Reader = (ask: Ask, key: string) => Promise<Value>;

const ALL_PENDING = '1000000';

const READERS: Readonly<Record<string, Reader>> = {
  string: async (ask, key) => (await ask('GET', key)) as string,
  list: async (ask, key) => ({ type: 'list', items: texts(await ask('LRANGE', key, '0', '-1')) }),
  hash: async (ask, key) => ({ type: 'hash', fields: await readFields(ask, key) }),
  set: async (ask, key) => ({ type: 'set', members: new Set(texts(await ask('SMEMBERS', key))) }),
  zset: async (ask, key) => {
    const ranked = pairs(await ask('ZRANGE', key, '0', '-1', 'WITHSCORES'));
    const scores = new Map(ranked.map(([member, score]) => [member, Number(score)]));
    return { type: 'zset', scores };
  },
  stream: async (ask, key) => {
    const rows = (await ask('XRANGE', key, '-', '+')) as readonly [string, string[]][];
    const entries = rows.map(([id, fields]): StreamEntry => ({ id, fields }));
    const info = new Map(pairs(await ask('XINFO', 'STREAM', key)));
    const lastId = info.get('last-generated-id') ?? '';
    return { type: 'stream', entries, lastId, groups: await readGroups(ask, key) };
  },
};

/** The entry at the key; undefined if there is none. @throws on an error reply: whatever is there cannot be read */
export async function readEntry(
  connection: RespConnection,
  key: string,
): Promise<Entry | undefined> {
  if (isLibrary(key)) return readLibrary(connection, key);
  const ask: Ask = async (...command) => decodeReply(await connection.send(...command));
  const [type, expireAt] = await Promise.all([ask('TYPE', key), ask('PEXPIRETIME', key)]);
  const reader = READERS[String(type)];
  if (reader === undefined) return undefined;
  const value = await reader(ask, key);
  // It may have expired in between.
  if (value === null || (await ask('EXISTS', key)) === 0) return undefined;
  return { value, expireAt: Math.max(0, Number(expireAt)) };
}

async function readFields(ask: Ask, key: string): Promise<ReadonlyMap<string, Field>> {
  const all = pairs(await ask('HGETALL', key));
  const names = all.map(([name]) => name);
  const times = names.length === 0 ? [] : await readFieldTimes(ask, key, names);
  return new Map(
    all.map(([name, text], at) => [name, { text, expireAt: Math.max(0, times[at] ?? 0) }]),
  );
}

/** A server that knows no times of fields answers with an error: there are none. */
async function readFieldTimes(ask: Ask, key: string, names: readonly string[]): Promise<number[]> {
  const reply = await ask('HPEXPIRETIME', key, 'FIELDS', String(names.length), ...names);
  return Array.isArray(reply) ? reply.map(Number) : [];
}

async function readGroups(ask: Ask, key: string): Promise<ReadonlyMap<string, Group>> {
  const groups = new Map<string, Group>();
  for (const row of (await ask('XINFO', 'GROUPS', key)) as readonly Reply[]) {
    const about = new Map(pairs(row));
    const name = about.get('name') ?? '';
    const rows = await ask('XPENDING', key, name, '-', '+', ALL_PENDING);
    const pending = (rows as readonly [string, string][]).map(
      ([id, consumer]): [string, string] => [id, consumer],
    );
    const lastId = about.get('last-delivered-id') ?? '';
    groups.set(name, { lastId, pending: new Map(pending) });
  }
  return groups;
}

function texts(reply: Reply): string[] {
  if (!Array.isArray(reply)) throw new Error(`not an array: ${JSON.stringify(reply)}`);
  return reply as string[];
}

function pairs(reply: Reply): [string, string][] {
  const words = texts(reply);
  return words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] as string]] : []));
}
