/** What XREAD and XREADGROUP share: their arguments, their wait, and their reply. */

import { ValueType } from '../../keyspace/header.js';
import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import { isWord } from '../arguments.js';
import { parseMilliseconds } from '../blocking.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext, KeyWait } from '../context.js';
import type { ArgumentSpec } from '../spec.js';
import { countArgument } from './arguments.js';

export interface ReadArguments {
  readonly keys: readonly string[];
  /** As they were given, one for each key. */
  readonly ids: readonly string[];
  /** Most entries of each stream. */
  readonly count: number;
  /** How long to wait for entries, in milliseconds (0: for ever); undefined: not at all. */
  readonly timeout: number | undefined;
  /** XREADGROUP's; empty for XREAD. */
  readonly group: string;
  readonly consumer: string;
  readonly noAck: boolean;
}

type ReadCommand = 'xread' | 'xreadgroup';

/** The options as they were read so far. */
interface ReadOptions {
  count: number;
  timeout: number | undefined;
  group: string | undefined;
  consumer: string;
  noAck: boolean;
}

/** @throws CommandError */
export function parseRead(argv: readonly string[], command: ReadCommand): ReadArguments {
  const options: ReadOptions = {
    count: 0,
    timeout: undefined,
    group: undefined,
    consumer: '',
    noAck: false,
  };
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
  if (isWord(option, 'block') && first !== undefined) {
    options.timeout = parseMilliseconds(first);
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
  const { count, group } = options;
  if (command === 'xreadgroup' && group === undefined) {
    fail('ERR Missing GROUP option for XREADGROUP');
  }
  return {
    ...options,
    keys: streams.slice(0, half),
    ids: streams.slice(half),
    count: count === 0 ? Number.POSITIVE_INFINITY : count,
    group: group ?? '',
  };
}

/** How entries are looked for; undefined: there are none. */
export interface Reading {
  readonly first: () => Reply | undefined;
  /** After a wait, whenever one of the keys has changed. */
  readonly again: () => Reply | undefined;
  readonly evenWithoutKey?: boolean;
}

/** What is found, now or, with BLOCK, when there is something. */
export function readOrWait(
  context: CommandContext,
  { group, keys, timeout }: ReadArguments,
  { first, again, evenWithoutKey = false }: Reading,
): Reply {
  const otherwise = context.reply.nullArray;
  if (timeout !== undefined && context.db.mustFinish) {
    const command = group === '' ? 'xread' : 'xreadgroup';
    fail(`ERR ${command} command is not allowed with BLOCK option from scripts`);
  }
  const found = first();
  if (found !== undefined || timeout === undefined) return found ?? otherwise;
  const wait: KeyWait = {
    keys,
    type: ValueType.stream,
    timeout,
    otherwise,
    evenWithoutKey,
    again: () => again() ?? context.block(wait),
  };
  return context.block(wait);
}

/** Streams by their keys: a map in RESP3, pairs in RESP2. undefined if there are none. */
export function streamsReply(
  reply: ReplyEncoder,
  streams: readonly (readonly [key: string, entries: Reply])[],
): Reply | undefined {
  if (streams.length === 0) return undefined;
  const pairs = streams.map(([key, entries]) => [reply.bulk(key), entries] as const);
  if (reply.version === 3) return reply.map(pairs.flat());
  return reply.array(pairs.map((pair) => reply.array(pair)));
}

export const blockSpec: ArgumentSpec = {
  name: 'milliseconds',
  type: 'integer',
  token: 'BLOCK',
  flags: ['optional'],
};

export const streamsSpec: ArgumentSpec = {
  name: 'streams',
  type: 'block',
  token: 'STREAMS',
  arguments: [
    { name: 'key', type: 'key', keySpecIndex: 0, flags: ['multiple'] },
    { name: 'id', type: 'string', flags: ['multiple'] },
  ],
};
