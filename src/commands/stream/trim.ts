/** XTRIM, and the options that XADD has in common with it. */

import type { Reply } from '../../protocol/reply.js';
import { findStream, saveStream } from '../../types/stream/stream.js';
import { type Trimming, trim } from '../../types/stream/trim.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { streamId } from './arguments.js';

/** Without LIMIT so many nodes are trimmed at once. */
const NODES_AT_ONCE = 100;
const LIMIT_WITHOUT_NODES = 10_000;
const LIMIT_MAX = 1_000_000;

/** The options as they were read so far. */
interface TrimOptions {
  keep: Trimming['keep'] | undefined;
  approximate: boolean;
  limit: number | undefined;
}

/** Reads MAXLEN, MINID and LIMIT, one call each, and at the end says what they come to. */
export class TrimArguments {
  readonly #options: TrimOptions = { keep: undefined, approximate: false, limit: undefined };

  /** Reads the option at the place, and returns where it ends; the place itself if it is no such option. */
  read(argv: readonly string[], at: number): number {
    const option = argv[at] as string;
    if (at + 1 >= argv.length) return at;
    if (isWord(option, 'limit')) return this.#readLimit(argv, at);
    if (isWord(option, 'maxlen') || isWord(option, 'minid')) return this.#readStrategy(argv, at);
    return at;
  }

  #readLimit(argv: readonly string[], at: number): number {
    const limit = parseInteger(argv[at + 1] as string);
    if (limit < 0) fail('ERR The LIMIT argument must be >= 0.');
    this.#options.limit = limit;
    return at + 2;
  }

  #readStrategy(argv: readonly string[], at: number): number {
    const options = this.#options;
    if (options.keep !== undefined) {
      fail('ERR syntax error, MAXLEN and MINID options at the same time are not compatible');
    }
    const operator = at + 2 < argv.length ? argv[at + 1] : undefined;
    const hasOperator = operator === '~' || operator === '=';
    const threshold = argv[hasOperator ? at + 2 : at + 1] as string;
    options.approximate = operator === '~';
    options.keep = isWord(argv[at] as string, 'minid')
      ? { from: streamId(threshold) }
      : { most: lengthArgument(threshold) };
    return hasOperator ? at + 3 : at + 2;
  }

  /** undefined: nothing is to be trimmed. */
  trimming({ server }: CommandContext, isRequired: boolean): Trimming | undefined {
    const { keep, approximate, limit } = this.#options;
    if (keep === undefined && limit !== undefined && limit > 0) {
      fail('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy');
    }
    if (keep === undefined && isRequired) {
      fail('ERR syntax error, XTRIM must be called with a trimming strategy');
    }
    if (limit !== undefined && !approximate) {
      fail('ERR syntax error, LIMIT cannot be used without the special ~ option');
    }
    if (keep === undefined) return undefined;
    const most = limit ?? defaultLimit(server.config.values.redis.streamNodeMaxEntries);
    return { keep, approximate, limit: most === 0 ? Number.POSITIVE_INFINITY : most };
  }
}

function lengthArgument(text: string): number {
  const length = parseInteger(text);
  return length < 0 ? fail('ERR The MAXLEN argument must be >= 0.') : length;
}

function defaultLimit(nodeEntries: number): number {
  return Math.min(nodeEntries * NODES_AT_ONCE || LIMIT_WITHOUT_NODES, LIMIT_MAX);
}

function runTrim(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const trimming = trimmingOf(context, argv);
  const stream = findStream(db, argv[1] as string);
  if (stream === undefined) return reply.integer(0);
  const count = trim(db, stream, trimming);
  if (count > 0) saveStream(db, stream);
  return reply.integer(count);
}

function trimmingOf(context: CommandContext, argv: readonly string[]): Trimming {
  const options = new TrimArguments();
  for (let at = 2; at < argv.length; ) {
    const next = options.read(argv, at);
    if (next === at) fail(errors.syntax);
    at = next;
  }
  return options.trimming(context, true) as Trimming;
}

export const trimSpec: ArgumentSpec = {
  name: 'trim',
  type: 'block',
  arguments: [
    {
      name: 'strategy',
      type: 'oneof',
      arguments: [token('MAXLEN'), token('MINID', '6.2.0')],
    },
    {
      name: 'operator',
      type: 'oneof',
      flags: ['optional'],
      arguments: [
        { name: 'equal', type: 'pure-token', token: '=' },
        { name: 'approximately', type: 'pure-token', token: '~' },
      ],
    },
    { name: 'threshold', type: 'string' },
    { name: 'count', type: 'integer', token: 'LIMIT', since: '6.2.0', flags: ['optional'] },
  ],
};

export const streamTrimCommands: readonly Command[] = [
  {
    name: 'xtrim',
    summary: 'Deletes entries from the beginning of a stream.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(N), N being the number of entries deleted',
    arity: -4,
    flags: ['write'],
    keys: oneKey(['RW', 'delete']),
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'The `MINID` strategy and the `LIMIT` option.']],
    arguments: [keyArgument, trimSpec],
    run: runTrim,
  },
];
