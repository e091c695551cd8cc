/** Replies that are read from the store while they are sent, because they are large or take long to work out. */

import type { NameRange } from '../keyspace/collection.js';
import type { CollectionSnapshot } from '../keyspace/collection-snapshot.js';
import { LargeReply, type Reply } from '../protocol/reply.js';
import type { CollectionEntry } from '../types/collection.js';
import {
  type RecordForm,
  type RecordPart,
  shouldStream,
  streamAnswer,
  streamRecords,
} from '../types/record-stream.js';
import type { CommandContext } from './context.js';

/** The part of the collection in a stream if it is large; undefined if it can be read at once. */
export function streamIfLarge(
  { db, server }: CommandContext,
  entry: CollectionEntry,
  part: RecordPart,
  form: RecordForm,
): Reply | undefined {
  if (!shouldStream(db, entry, part)) return undefined;
  return new LargeReply([streamRecords(server.keyspace, entry, part, form)]);
}

/** What is worked out of the range as it is now. */
export function answerLater(
  { server }: CommandContext,
  entry: CollectionEntry,
  range: NameRange,
  work: (snapshot: CollectionSnapshot) => Promise<string>,
): Reply {
  return new LargeReply([streamAnswer(server.keyspace, entry, range, work)]);
}
