/** Streams and their groups in the crash loop's model. Ids are a time alone: `5-0`. */

import { collectionAt, put } from './model-collections.js';
import type { Group, Handlers, KeyState, Stream, StreamEntry } from './model-value.js';

const FIRST_ID = '0-0';
const NO_ENTRIES: Stream = { type: 'stream', entries: [], lastId: FIRST_ID, groups: new Map() };
/** A stream stays when its last entry goes. */
const STAYS = 1;

export const streamHandlers: Handlers = {
  XADD: (state, [key = '', id = '', ...fields]) => {
    const stream = streamAt(state, key);
    putStream(state, key, { entries: [...stream.entries, { id, fields }], lastId: id });
    return id;
  },
  XDEL: (state, [key = '', ...ids]) => {
    const { entries } = streamAt(state, key);
    const left = entries.filter(({ id }) => !ids.includes(id));
    if (left.length < entries.length) putStream(state, key, { entries: left });
    return entries.length - left.length;
  },
  XTRIM: (state, [key = '', , , most = '0']) => {
    const { entries } = streamAt(state, key);
    const excess = Math.max(0, entries.length - Number(most));
    if (excess > 0) putStream(state, key, { entries: entries.slice(excess) });
    return excess;
  },
  XGROUP: (state, [subcommand = '', key = '', name = '', id = '']) => {
    const groups = new Map(streamAt(state, key).groups);
    if (subcommand === 'CREATE') {
      if (groups.has(name)) throw new Error('the generator makes a group once');
      groups.set(name, { lastId: id, pending: new Map() });
      putStream(state, key, { groups });
      return 'OK';
    }
    if (!groups.delete(name)) return 0;
    putStream(state, key, { groups });
    return 1;
  },
  XREADGROUP: (state, [, name = '', consumer = '', , count = '1', , key = '']) => {
    const stream = streamAt(state, key);
    const group = groupOf(stream, name);
    const after = timeOf(group.lastId);
    const read = stream.entries.filter(({ id }) => timeOf(id) > after).slice(0, Number(count));
    if (read.length === 0) return null;
    const delivered = read.map(({ id }): [string, string] => [id, consumer]);
    putGroup(state, key, name, {
      lastId: (read.at(-1) as StreamEntry).id,
      pending: new Map([...group.pending, ...delivered]),
    });
    return [[key, read.map(({ id, fields }) => [id, fields])]];
  },
  XACK: (state, [key = '', name = '', ...ids]) => {
    const stream = streamAt(state, key);
    const group = stream.groups.get(name);
    if (group === undefined) return 0;
    const pending = new Map(group.pending);
    const acknowledged = ids.filter((id) => pending.delete(id)).length;
    putGroup(state, key, name, { lastId: group.lastId, pending });
    return acknowledged;
  },
};

function streamAt(state: KeyState, key: string): Stream {
  return collectionAt(state, key, NO_ENTRIES);
}

function putStream(state: KeyState, key: string, changes: Partial<Stream>): void {
  put(state, key, { ...streamAt(state, key), ...changes }, STAYS);
}

function groupOf(stream: Stream, name: string): Group {
  const group = stream.groups.get(name);
  if (group === undefined) throw new Error('the generator reads only with groups that there are');
  return group;
}

function putGroup(state: KeyState, key: string, name: string, group: Group): void {
  putStream(state, key, { groups: new Map(streamAt(state, key).groups).set(name, group) });
}

function timeOf(id: string): number {
  return Number(id.slice(0, id.indexOf('-')));
}
