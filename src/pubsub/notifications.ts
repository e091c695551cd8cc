/** Keyspace events as messages, as notify-keyspace-events says: https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/ */

import type { PubSub } from '../commands/messaging.js';
import type { Config } from '../config/config.js';
import { EventClass, type KeyspaceEvents } from '../keyspace/events.js';

const LETTERS: Readonly<Record<string, number>> = {
  g: EventClass.generic,
  $: EventClass.string,
  l: EventClass.list,
  s: EventClass.set,
  h: EventClass.hash,
  z: EventClass.sortedSet,
  t: EventClass.stream,
  d: EventClass.module,
  x: EventClass.expired,
  e: EventClass.evicted,
  m: EventClass.miss,
  n: EventClass.new,
};
/** Misses and new keys must be asked for by name. */
const ALL = 'g$lshzxetd';

/** Publishes events from now on as the option says, also when it changes. */
export function publishEvents(events: KeyspaceEvents, pubsub: PubSub, config: Config): void {
  const configure = (letters: string): void => {
    const [byKey, byEvent] = [letters.includes('K'), letters.includes('E')];
    events.classes = byKey || byEvent ? classesOf(letters) : 0;
    events.publish = (database, event, key) => {
      if (byKey) pubsub.publish('channel', `__keyspace@${database}__:${key}`, event);
      if (byEvent) pubsub.publish('channel', `__keyevent@${database}__:${event}`, key);
    };
  };
  configure(config.values.notifications.keyspaceEvents);
  config.onChange('notifications.keyspaceEvents', configure);
}

function classesOf(letters: string): number {
  let classes = 0;
  for (const letter of letters.replace('A', ALL)) classes |= LETTERS[letter] ?? 0;
  return classes;
}
