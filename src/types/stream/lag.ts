/** How far a consumer group is behind its stream, as Redis 7.4 reckons it: exactly, or not at all. */

import type { Group } from './group.js';
import { FIRST_ID, type StreamId } from './id.js';
import type { Stream } from './stream.js';

/** Entries not delivered to the group yet; undefined if that cannot be known. */
export function lagOf(stream: Stream, group: Group): number | undefined {
  if (stream.entriesAdded === 0 || stream.length === 0) return 0;
  if (group.lastId < stream.firstId && stream.maxDeletedId < stream.firstId) return stream.length;
  const read =
    group.entriesRead !== undefined && !hasGapsFrom(stream, group.lastId)
      ? group.entriesRead
      : entriesUpTo(stream, group.lastId);
  return read === undefined ? undefined : stream.entriesAdded - read;
}

/** Moves the group on to an entry that is delivered to it. */
export function advance(stream: Stream, group: Group, id: StreamId): void {
  if (id <= group.lastId) return;
  const counts =
    group.entriesRead !== undefined &&
    group.lastId >= stream.firstId &&
    !hasGapsFrom(stream, group.lastId);
  if (counts) group.entriesRead = (group.entriesRead as number) + 1;
  else if (stream.entriesAdded > 0) group.entriesRead = entriesUpTo(stream, id);
  group.lastId = id;
}

/** How many entries were ever added up to the id; undefined if that cannot be known. */
export function entriesUpTo(stream: Stream, id: StreamId): number | undefined {
  const { entriesAdded, firstId, lastId, length, maxDeletedId } = stream;
  if (entriesAdded === 0) return 0;
  if (id === lastId || (length === 0 && id < lastId)) return entriesAdded;
  if (id > lastId || id < maxDeletedId) return undefined;
  if (maxDeletedId !== FIRST_ID && maxDeletedId >= firstId) return undefined;
  if (id < firstId) return entriesAdded - length;
  return id === firstId ? entriesAdded - length + 1 : undefined;
}

/** Whether XDEL removed an entry at the id or behind it. */
function hasGapsFrom({ length, maxDeletedId }: Stream, id: StreamId): boolean {
  return length > 0 && maxDeletedId !== FIRST_ID && id <= maxDeletedId;
}
