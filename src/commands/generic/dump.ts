/** DUMP and RESTORE: a value as bytes, to be carried to another key or server. */

import { INT64_MAX } from '../../base/integer.js';
import type { Argument } from '../../base/large-string.js';
import type { Entry } from '../../keyspace/entry.js';
import { NEVER } from '../../keyspace/header.js';
import { loadedBytesMax } from '../../keyspace/limits.js';
import type { Usage } from '../../keyspace/usage.js';
import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import type { CollectionEntry } from '../../types/collection.js';
import { CollectionDump } from '../../types/rdb/collection-dump.js';
import { dumpSingle, restore } from '../../types/rdb/dump.js';
import type { DumpOptions } from '../../types/rdb/target.js';
import { shouldStream } from '../../types/record-stream.js';
import { chunksOf, chunksOfBytes, type StringValue } from '../../types/string/value.js';
import { parseInteger64, textArgument } from '../arguments.js';
import { errorReplyOf, errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { limitsOf as compactLimits } from '../hash/write.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import { answerLater } from '../large-reply.js';
import { setLimits } from '../set/limits.js';
import { listpackLimits } from '../sorted-set/arguments.js';
import type { Command } from '../spec.js';
import { longestString } from '../string/reply.js';

function dumpOptions(context: CommandContext): DumpOptions {
  return {
    compresses: context.server.config.values.redis.rdbcompression,
    longest: longestString(context),
    hash: compactLimits(context),
    set: setLimits(context),
    sortedSet: listpackLimits(context),
  };
}

function runDump(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const entry = db.entry(argv[1] as string);
  if (entry === undefined) return reply.nullBulk;
  const options = dumpOptions(context);
  const single = dumpSingle(db, entry, options.compresses);
  if (single !== undefined) return payloadReply(reply, single);
  return dumpCollection(context, entry as CollectionEntry, options);
}

/** A large collection is read while others are served. What cannot be said of it before is said in its place. */
function dumpCollection(
  context: CommandContext,
  entry: CollectionEntry,
  options: DumpOptions,
): Reply {
  const { db, reply, server } = context;
  const longest = Math.min(options.longest, loadedBytesMax(server.keyspace.options.cacheBytes));
  const dump = new CollectionDump(db, entry, { ...options, longest });
  const { range } = dump;
  if (!shouldStream(db, entry, { range, count: entry.record.count })) {
    return payloadReply(reply, dump.now(db, entry));
  }
  return answerLater(context, entry, range, async (snapshot) => {
    try {
      const payload = await dump.from(snapshot);
      return reply.bulkOrNull(payload?.latin1Slice(0, payload.length));
    } catch (error) {
      const text = errorReplyOf(error);
      if (text === undefined) throw error;
      return reply.error(text);
    }
  });
}

function payloadReply(reply: ReplyEncoder, payload: Buffer | undefined): Reply {
  if (payload === undefined) return reply.nullBulk;
  const pieces = chunksOfBytes(payload);
  return pieces.length === 1
    ? reply.bulk(pieces.join(''))
    : reply.largeBulk(payload.length, pieces);
}

interface RestoreOptions {
  replaces: boolean;
  /** The time to live is a time since 1970. */
  isAbsolute: boolean;
  noteUsage?: (usage: Usage, entry: Entry) => void;
}

/** What RESTORE says of how the key was used. */
interface UsageOption {
  check(value: number): void;
  /** Takes no effect where the policy makes the server keep the other. */
  apply(usage: Usage, entry: Entry, value: number): void;
}

function parseRestoreOptions(argv: readonly Argument[]): RestoreOptions {
  const options: RestoreOptions = { replaces: false, isAbsolute: false };
  let rank: string | undefined;
  for (let i = 4; i < argv.length; i++) {
    const word = textArgument(argv[i]).toLowerCase();
    if (word === 'replace') options.replaces = true;
    else if (word === 'absttl') options.isAbsolute = true;
    else if (usageOptions.has(word) && i + 1 < argv.length && (rank ?? word) === word) {
      const value = Number(parseInteger64(textArgument(argv[++i])));
      usageOptions.get(word)?.check(value);
      options.noteUsage = (usage, entry) => usageOptions.get(word)?.apply(usage, entry, value);
      rank = word;
    } else fail(errors.syntax);
  }
  return options;
}

const usageOptions: ReadonlyMap<string, UsageOption> = new Map([
  [
    'idletime',
    {
      check: (value) => value < 0 && fail('ERR Invalid IDLETIME value, must be >= 0'),
      apply: (usage, entry, value) => usage.counts || usage.setIdle(entry, value),
    },
  ],
  [
    'freq',
    {
      check: (value) =>
        (value < 0 || value > 255) && fail('ERR Invalid FREQ value, must be >= 0 and <= 255'),
      apply: (usage, entry, value) => usage.counts && usage.setFrequency(entry, value),
    },
  ],
]);

function runRestore(context: CommandContext, argv: readonly Argument[]): Reply {
  const { db, reply, server } = context;
  const key = textArgument(argv[1]);
  const options = parseRestoreOptions(argv);
  const isTaken = db.get(key) !== undefined;
  if (isTaken && !options.replaces) fail('BUSYKEY Target key name already exists.');
  const expireAt = parseExpiry(context, textArgument(argv[2]), options.isAbsolute);
  const payload = Buffer.concat(
    chunksOf(argv[3] as StringValue).map((chunk) => Buffer.from(chunk, 'latin1')),
  );
  const restored = (): void => restore(payload, { db, key, options: dumpOptions(context) });
  if (expireAt !== NEVER && expireAt <= db.now) {
    const { transaction } = server.keyspace;
    const start = transaction.savepoint();
    restored();
    transaction.rollBack(start);
    db.delete(key);
    return reply.ok;
  }
  if (isTaken) db.notify('new', 'new', key);
  restored();
  db.setExpiry(key, expireAt);
  const entry = db.peek(key);
  if (entry !== undefined) options.noteUsage?.(server.keyspace.residents.usage, entry);
  return reply.ok;
}

/** In milliseconds since 1970; NEVER for 0. */
function parseExpiry({ db }: CommandContext, text: string, isAbsolute: boolean): number {
  const given = BigInt(parseInteger64(text));
  if (given < 0n) fail('ERR Invalid TTL value, must be >= 0');
  if (given === 0n) return NEVER;
  const at = given + (isAbsolute ? 0n : BigInt(db.now));
  if (at > INT64_MAX) fail("ERR invalid expire time in 'restore' command");
  return Math.min(Number(at), Number.MAX_SAFE_INTEGER);
}

export const dumpCommands: readonly Command[] = [
  {
    name: 'dump',
    summary: 'Returns a value as bytes that RESTORE takes, here or on a Redis server.',
    since: '2.6.0',
    group: 'generic',
    complexity: 'O(N), N being the size of the value',
    arity: 2,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output'],
    arguments: [keyArgument],
    run: runDump,
  },
  {
    name: 'restore',
    summary: 'Creates a key from the bytes that DUMP returned, here or on a Redis server.',
    since: '2.6.0',
    group: 'generic',
    categories: ['keyspace', 'dangerous'],
    complexity: 'O(N), N being the size of the value',
    arity: -4,
    flags: ['write', 'denyoom'],
    keys: oneKey(['OW', 'update']),
    history: [
      ['3.0.0', 'The `REPLACE` option.'],
      ['5.0.0', 'The `ABSTTL`, `IDLETIME` and `FREQ` options.'],
    ],
    arguments: [
      keyArgument,
      { name: 'ttl', type: 'integer' },
      { name: 'serialized-value', type: 'string' },
      { ...token('REPLACE', '3.0.0'), flags: ['optional'] },
      { ...token('ABSTTL', '5.0.0'), flags: ['optional'] },
      { name: 'seconds', type: 'integer', token: 'IDLETIME', since: '5.0.0', flags: ['optional'] },
      { name: 'frequency', type: 'integer', token: 'FREQ', since: '5.0.0', flags: ['optional'] },
    ],
    runLarge: runRestore,
  },
];
