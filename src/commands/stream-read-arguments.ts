/** The arguments that XREAD and XREADGROUP share, and their reply. */

import type { Reply, ReplyEncoder } from '../protocol/reply.js';
import { isWord } from './arguments.js';
import { errors, fail } from './command-error.js';
import type { ArgumentSpec } from './spec.js';
import { countArgument } from './stream-arguments.js';

interface ReadArguments {
  readonly keys: readonly string[];
  /** As they were given, one for each key. */
  readonly ids: readonly string[];
  /** Most entries of each stream. */
  readonly count: number;
}

type ReadCommand = 'xread';

/** @throws CommandError */
export function parseRead(argv: readonly string[], command: ReadCommand): ReadArguments {
  let count = 0;
  for (let i = 1; i < argv.length; i++) {
    const option = argv[i] as string;
    const left = argv.length - i - 1;
    if (isWord(option, 'count') && left > 0) count = countArgument(argv[++i]);
    else if (isWord(option, 'streams') && left > 0) {
      return {
        ...splitStreams(argv.slice(i + 1), command),
        count: count || Number.POSITIVE_INFINITY,
      };
    } else fail(unknownOption(option, left));
  }
  return fail(errors.syntax);
}

function unknownOption(option: string, left: number): string {
  const isGroup = isWord(option, 'group') && left >= 2;
  if (!isGroup && !isWord(option, 'noack')) return errors.syntax;
  const name = option.toUpperCase();
  return `ERR The ${name} option is only supported by XREADGROUP. You called XREAD instead.`;
}

function splitStreams(
  words: readonly string[],
  command: ReadCommand,
): Pick<ReadArguments, 'keys' | 'ids'> {
  const half = words.length / 2;
  if (!Number.isInteger(half)) {
    const symbol = '$';
    fail(
      `ERR Unbalanced '${command}' list of streams: for each stream key an ID or '${symbol}' must be specified.`,
    );
  }
  return { keys: words.slice(0, half), ids: words.slice(half) };
}

/** Streams by their keys: a map in RESP3, pairs in RESP2. */
export function streamsReply(
  reply: ReplyEncoder,
  streams: readonly (readonly [key: string, entries: Reply])[],
): Reply {
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
