/** Keyspace events: what happened to which key, for those who have asked to be told (notify-keyspace-events). */

/** What kind of change an event tells of. Bits, so that any of them can be asked for. */
export const EventClass = {
  generic: 1,
  string: 2,
  list: 4,
  set: 8,
  hash: 16,
  sortedSet: 32,
  stream: 64,
  module: 128,
  expired: 256,
  evicted: 512,
  /** A key that was looked up, and was not there. */
  miss: 1024,
  /** A key that was not there before. */
  new: 2048,
} as const;

export type EventClassName = keyof typeof EventClass;

/** Where events go. What is noted goes out with the commit of the running transaction, or not at all. */
export class KeyspaceEvents {
  /** Classes that somebody may want; 0 while events are off: whoever has an event looks at this first. */
  classes = 0;
  /** What the running command does not find is told of, if it counts as a miss. */
  notesMisses = false;
  publish: (database: number, event: string, key: string) => void = () => undefined;
}
