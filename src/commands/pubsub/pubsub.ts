/** The pubsub group: subscribing, publishing, and what there is to know of channels. */

import { matchesGlob } from '../../base/glob.js';
import type { Reply } from '../../protocol/reply.js';
import type { CommandContext } from '../context.js';
import { type HelpEntry, helpSubcommand } from '../help.js';
import { keysAt } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { subscribe, unsubscribe } from './subscribe.js';

type Run = NonNullable<Command['run']>;

function publish(kind: 'channel' | 'shard'): Run {
  return ({ server, reply }, argv) => {
    const [, channel, message] = argv as [string, string, string];
    return reply.integer(server.pubsub.publish(kind, channel, message));
  };
}

/** PUBSUB CHANNELS [pattern] */
function names(kind: 'channel' | 'shard'): Run {
  return ({ server, reply }, argv) => {
    const pattern = argv[2];
    const all = [...server.pubsub.names(kind)];
    if (pattern === undefined) return reply.bulks(all);
    return reply.bulks(all.filter((name) => matchesGlob(pattern, name)));
  };
}

/** PUBSUB NUMSUB [channel …] */
function numbers(kind: 'channel' | 'shard'): Run {
  return ({ server, reply }, argv) => {
    const pairs = argv.slice(2).flatMap((name) => {
      return [reply.bulk(name), reply.integer(server.pubsub.subscribers(kind, name))];
    });
    return reply.array(pairs);
  };
}

function numberOfPatterns({ server, reply }: CommandContext): Reply {
  return reply.integer(server.pubsub.count('pattern'));
}

const help: readonly HelpEntry[] = [
  [
    'CHANNELS [<pattern>]',
    'The channels that have a subscriber, or those that match (default: all).',
  ],
  ['NUMPAT', 'How many different patterns clients have subscribed to.'],
  ['NUMSUB [<channel> ...]', 'How many clients have subscribed to each channel, patterns aside.'],
  ['SHARDCHANNELS [<pattern>]', 'The shard channels that have a subscriber (default: all).'],
  ['SHARDNUMSUB [<shardchannel> ...]', 'How many clients have subscribed to each shard channel.'],
];

const shared = { group: 'pubsub' } as const satisfies Partial<Command>;
const subscribing = {
  ...shared,
  flags: ['pubsub', 'noscript', 'loading', 'stale', 'sentinel'],
} as const satisfies Partial<Command>;
const sharded = {
  ...shared,
  since: '7.0.0',
  flags: ['pubsub', 'noscript', 'loading', 'stale'],
  keys: [keysAt(1, -1, 1, ['not_key'])],
} as const satisfies Partial<Command>;
const about = {
  ...shared,
  flags: ['pubsub', 'loading', 'stale'],
} as const satisfies Partial<Command>;

const channel: ArgumentSpec = { name: 'channel', type: 'string' };
const pattern: ArgumentSpec = { name: 'pattern', type: 'pattern' };
const shardChannel: ArgumentSpec = { name: 'shardchannel', type: 'string' };
const message: ArgumentSpec = { name: 'message', type: 'string' };

function some(argument: ArgumentSpec): readonly ArgumentSpec[] {
  return [{ ...argument, flags: ['multiple'] }];
}

function any(argument: ArgumentSpec): readonly ArgumentSpec[] {
  return [{ ...argument, flags: ['optional', 'multiple'] }];
}

function optional(argument: ArgumentSpec): readonly ArgumentSpec[] {
  return [{ ...argument, flags: ['optional'] }];
}

const perChannel = 'O(N), N being the number of channels';

const subcommands: readonly Command[] = [
  {
    ...about,
    name: 'channels',
    summary: 'Lists the channels that have a subscriber.',
    since: '2.8.0',
    complexity: `${perChannel} with subscribers`,
    arity: -2,
    arguments: optional(pattern),
    run: names('channel'),
  },
  { ...helpSubcommand('pubsub', '6.2.0', 'pubsub', help), categories: [] },
  {
    ...about,
    name: 'numpat',
    summary: 'Counts the patterns that clients have subscribed to.',
    since: '2.8.0',
    complexity: 'O(1)',
    arity: 2,
    run: numberOfPatterns,
  },
  {
    ...about,
    name: 'numsub',
    summary: 'Counts the subscribers of channels.',
    since: '2.8.0',
    complexity: `${perChannel} asked for`,
    arity: -2,
    arguments: any(channel),
    run: numbers('channel'),
  },
  {
    ...about,
    name: 'shardchannels',
    summary: 'Lists the shard channels that have a subscriber.',
    since: '7.0.0',
    complexity: `${perChannel} with subscribers`,
    arity: -2,
    arguments: optional(pattern),
    run: names('shard'),
  },
  {
    ...about,
    name: 'shardnumsub',
    summary: 'Counts the subscribers of shard channels.',
    since: '7.0.0',
    complexity: `${perChannel} asked for`,
    arity: -2,
    arguments: any(shardChannel),
    run: numbers('shard'),
  },
];

export const pubsubCommands: readonly Command[] = [
  {
    ...subscribing,
    name: 'psubscribe',
    summary: 'Gets the messages of all channels whose names match a pattern.',
    since: '2.0.0',
    complexity: 'O(N), N being the number of patterns',
    arity: -2,
    arguments: some(pattern),
    run: subscribe('pattern'),
  },
  {
    ...shared,
    name: 'publish',
    summary: 'Sends a message to the subscribers of a channel.',
    since: '2.0.0',
    complexity: 'O(N+M), N being the subscribers of the channel and M all patterns subscribed to',
    arity: 3,
    flags: ['pubsub', 'loading', 'stale', 'fast', 'sentinel'],
    mayReplicate: true,
    arguments: [channel, message],
    run: publish('channel'),
  },
  {
    ...shared,
    name: 'pubsub',
    summary: 'A container for commands on channels.',
    since: '2.8.0',
    complexity: 'Depends on the subcommand',
    arity: -2,
    flags: [],
    subcommands,
  },
  {
    ...subscribing,
    name: 'punsubscribe',
    summary: 'Ends subscriptions by pattern: the given ones, or all.',
    since: '2.0.0',
    complexity: 'O(N), N being the number of patterns',
    arity: -1,
    arguments: any(pattern),
    run: unsubscribe('pattern'),
  },
  {
    ...shared,
    name: 'spublish',
    summary: 'Sends a message to the subscribers of a shard channel.',
    since: '7.0.0',
    complexity: 'O(N), N being the subscribers of the channel',
    arity: 3,
    flags: ['pubsub', 'loading', 'stale', 'fast'],
    mayReplicate: true,
    keys: [keysAt(1, 0, 1, ['not_key'])],
    arguments: [shardChannel, message],
    run: publish('shard'),
  },
  {
    ...sharded,
    name: 'ssubscribe',
    summary: 'Gets the messages of shard channels.',
    complexity: perChannel,
    arity: -2,
    arguments: some(shardChannel),
    run: subscribe('shard'),
  },
  {
    ...subscribing,
    name: 'subscribe',
    summary: 'Gets the messages of channels.',
    since: '2.0.0',
    complexity: perChannel,
    arity: -2,
    arguments: some(channel),
    run: subscribe('channel'),
  },
  {
    ...sharded,
    name: 'sunsubscribe',
    summary: 'Ends subscriptions to shard channels: to the given ones, or all.',
    complexity: perChannel,
    arity: -1,
    arguments: any(shardChannel),
    run: unsubscribe('shard'),
  },
  {
    ...subscribing,
    name: 'unsubscribe',
    summary: 'Ends subscriptions to channels: to the given ones, or all.',
    since: '2.0.0',
    complexity: perChannel,
    arity: -1,
    arguments: any(channel),
    run: unsubscribe('channel'),
  },
];
