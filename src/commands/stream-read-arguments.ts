/** The arguments that XREAD and XREADGROUP share, and their reply. */

import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import { isWord } from './arguments.js';
import { errors, fail } from './command-error.js';
import type { ArgumentSpec } from './spec.js';
import { countArgument } from './stream-arguments.js';

export interface ReadArguments {
  readonly keys: readonly string[];
  /** As they were given, one for each key. */
  readonly ids: readonly string[];
  /** Most entries of each stream. */
  readonly count: number;
  /** XREADGROUP's; empty for XREAD. */
  readonly group: string;
  readonly consumer: string;
  readonly noAck: boolean;
}

type ReadCommand = 'xread' | 'xreadgroup';

/** The options as they were read so far. */
interface ReadOptions {
  count: number;
  group: string | undefined;
  consumer: string;
  noAck: boolean;
}

/** @throws CommandError */
export function parseRead(argv: readonly string[], command: ReadCommand): ReadArguments {
  const options: ReadOptions = { count: 0, group: undefined, consumer: '', noAck: false };
  for (let i = 1; i < argv.length; ) {
    if (isWord(argv[i] as string, 'streams') && i + 1 < argv.length) {
      return finish(options, argv.slice(i + 1), command);
    }
    i += readOption(options, argv.slice(i, i + 3), command);
  }
  return fail(errors.syntax);
}

/** Reads the option that the words begin with, and returns how many of them belong to it. */
function readOption(options: ReadOptions, words: readonly string[], command: ReadCommand): number {
  const [option = '', first, second] = words;
  if (isWord(option, 'count') && first !== undefined) {
    options.count = countArgument(first);
    return 2;
  }
  const isGroup = isWord(option, 'group') && second !== undefined;
  if (!isGroup && !isWord(option, 'noack')) fail(errors.syntax);
  if (command === 'xread') {
    const name = option.toUpperCase();
    fail(`ERR The ${name} option is only supported by XREADGROUP. You called XREAD instead.`);
  }
  if (!isGroup) {
    options.noAck = true;
    return 1;
  }
  options.group = first;
  options.consumer = second;
  return 3;
}

function finish(
  options: ReadOptions,
  streams: readonly string[],
  command: ReadCommand,
): ReadArguments {
  const half = streams.length / 2;
  if (!Number.isInteger(half)) {
    const symbol = command === 'xread' ? '$' : '>';
    fail(
      `ERR Unbalanced '${command}' list of streams: for each stream key an ID or '${symbol}' must be specified.`,
    );
  }
  const { count, group, consumer, noAck } = options;
  if (command === 'xreadgroup' && group === undefined) {
    fail('ERR Missing GROUP option for XREADGROUP');
  }
  return {
    keys: streams.slice(0, half),
    ids: streams.slice(half),
    count: count === 0 ? Number.POSITIVE_INFINITY : count,
    group: group ?? '',
    consumer,
    noAck,
  };
}

/** Streams by their keys: a map in RESP3, pairs in RESP2. Null if there are none. */
export function streamsReply(
  reply: ReplyEncoder,
  streams: readonly (readonly [key: string, entries: Reply])[],
): Reply {
  if (streams.length === 0) return reply.nullArray;
  const pairs = streams.map(([key, entries]) => [reply.bulk(key), entries] as const);
  if (reply.version === 3) return reply.map(pairs.flat());
  return reply.array(pairs.map((pair) => reply.array(pair)));
}

export const streamsSpec: ArgumentSpec = {
  name: 'streams',
  type: 'block',
  token: 'STREAMS',
  arguments: [
    { name: 'key', type: 'key', keySpecIndex: 0, flags: ['multiple'] },
    { name: 'id', type: 'string', flags: ['multiple'] },
  ],
};
