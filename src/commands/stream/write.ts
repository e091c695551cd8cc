/** Stream commands that add and delete entries, and XSETID. */

import type { Reply } from '../../protocol/reply.js';
import { append, deleteEntries, edgeEntry, type NodeLimits } from '../../types/stream/entries.js';
import {
  endsTime,
  FIRST_ID,
  idAfter,
  isSameTime,
  LAST_ID,
  type ParsedId,
  parseOpenId,
  type StreamId,
} from '../../types/stream/id.js';
import {
  createStream,
  findStream,
  nextId,
  type Stream,
  saveStream,
} from '../../types/stream/stream.js';
import { type Trimming, trim } from '../../types/stream/trim.js';
import { isWord, parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { Command } from '../spec.js';
import { idReply, invalidId, streamId } from './arguments.js';
import { TrimArguments, trimSpec } from './trim.js';

/** Fields and values of an entry are one string with their lengths: V8's end just below 2^29 bytes, Redis's nodes at 2^30. */
const ENTRY_BYTES_MAX = 2 ** 29 - 2 ** 10;
const LENGTH_BYTES_MAX = 5;

/** What stands before the fields. */
interface AddOptions {
  readonly createsStream: boolean;
  readonly trimming: Trimming | undefined;
  /** undefined: `*`. */
  readonly id: ParsedId | undefined;
  readonly fieldsAt: number;
}

interface AddArguments {
  readonly options: AddOptions;
  readonly fields: readonly string[];
}

/** `key * field value …`: the form that nearly all requests have. */
const NO_OPTIONS: AddOptions = {
  createsStream: true,
  trimming: undefined,
  id: undefined,
  fieldsAt: 3,
};

function runAdd(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const { options, fields } = parseAdd(context, argv);
  const { createsStream, trimming, id } = options;
  const key = argv[1] as string;
  const found = findStream(db, key);
  if (found === undefined && !createsStream) return reply.nullBulk;
  const stream = found ?? createStream(db, key);
  const added = chooseId(stream, id, db.now);
  append(db, stream, added, fields, nodeLimits(context));
  const trimmed = trimming === undefined ? 0 : trim(db, stream, trimming);
  saveStream(db, stream);
  db.notify('stream', 'xadd', key);
  if (trimmed > 0) db.notify('stream', 'xtrim', key);
  return idReply(reply, added);
}

function parseAdd(context: CommandContext, argv: readonly string[]): AddArguments {
  const options = argv[2] === '*' ? NO_OPTIONS : parseOptions(context, argv);
  const fields = argv.slice(options.fieldsAt);
  if (fields.length < 2 || fields.length % 2 === 1) {
    fail("ERR wrong number of arguments for 'xadd' command");
  }
  const { id } = options;
  if (id?.id === FIRST_ID && !id.isOpen) {
    fail('ERR The ID specified in XADD must be greater than 0-0');
  }
  let bytes = 0;
  for (const field of fields) bytes += field.length + LENGTH_BYTES_MAX;
  if (bytes > ENTRY_BYTES_MAX) fail('ERR Elements are too large to be stored');
  return { options, fields };
}

function parseOptions(context: CommandContext, argv: readonly string[]): AddOptions {
  const trimming = new TrimArguments();
  let createsStream = true;
  let id: ParsedId | undefined;
  let at = 2;
  for (; at < argv.length && argv[at] !== '*'; ) {
    const next = trimming.read(argv, at);
    if (next > at) {
      at = next;
    } else if (isWord(argv[at] as string, 'nomkstream')) {
      createsStream = false;
      at++;
    } else {
      id = parseOpenId(argv[at] as string) ?? fail(invalidId);
      break;
    }
  }
  return { createsStream, trimming: trimming.trimming(context, false), id, fieldsAt: at + 1 };
}

function chooseId(stream: Stream, given: ParsedId | undefined, now: number): StreamId {
  if (stream.lastId === LAST_ID) {
    fail('ERR The stream has exhausted the last possible ID, unable to add more items');
  }
  if (given === undefined) return nextId(stream, now) as StreamId;
  const id = given.isOpen ? completeId(stream, given.id) : given.id;
  if (id === undefined || id <= stream.lastId) {
    fail('ERR The ID specified in XADD is equal or smaller than the target stream top item');
  }
  return id;
}

/** Of `ms-*` the first id that is above the last one; undefined if that has no more room. */
function completeId({ lastId }: Stream, id: StreamId): StreamId | undefined {
  if (!isSameTime(id, lastId)) return id;
  return endsTime(lastId) ? undefined : idAfter(lastId);
}

function nodeLimits({ server }: CommandContext): NodeLimits {
  const { streamNodeMaxEntries, streamNodeMaxBytes } = server.config.values.redis;
  return { entries: streamNodeMaxEntries, bytes: streamNodeMaxBytes };
}

function runDelete({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const stream = findStream(db, argv[1] as string);
  if (stream === undefined) return reply.integer(0);
  const count = deleteEntries(db, stream, argv.slice(2).map(streamId));
  if (count > 0) saveStream(db, stream);
  return reply.integer(count);
}

interface SetIdOptions {
  readonly entriesAdded: number | undefined;
  readonly maxDeletedId: StreamId;
}

function runSetId({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const id = streamId(argv[2]);
  const { entriesAdded, maxDeletedId } = parseSetId(argv, id);
  const stream = findStream(db, argv[1] as string) ?? fail(errors.noSuchKey);
  if (id < stream.maxDeletedId) {
    fail('ERR The ID specified in XSETID is smaller than current max_deleted_entry_id');
  }
  const last = edgeEntry(db, stream, true);
  if (last !== undefined && id < last.id) {
    fail('ERR The ID specified in XSETID is smaller than the target stream top item');
  }
  if (entriesAdded !== undefined && stream.length > entriesAdded) {
    fail('ERR The entries_added specified in XSETID is smaller than the target stream length');
  }
  stream.lastId = id;
  if (entriesAdded !== undefined) stream.entriesAdded = entriesAdded;
  if (maxDeletedId !== FIRST_ID) stream.maxDeletedId = maxDeletedId;
  saveStream(db, stream);
  return reply.ok;
}

function parseSetId(argv: readonly string[], id: StreamId): SetIdOptions {
  let entriesAdded: number | undefined;
  let maxDeletedId = FIRST_ID;
  for (let i = 3; i < argv.length; i += 2) {
    const option = argv[i] as string;
    if (i + 1 >= argv.length) fail(errors.syntax);
    if (isWord(option, 'entriesadded')) {
      entriesAdded = Math.min(parseInteger(argv[i + 1] as string), Number.MAX_SAFE_INTEGER);
      if (entriesAdded < 0) fail('ERR entries_added must be positive');
    } else if (isWord(option, 'maxdeletedid')) {
      maxDeletedId = streamId(argv[i + 1]);
      if (id < maxDeletedId) {
        fail('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id');
      }
    } else fail(errors.syntax);
  }
  return { entriesAdded, maxDeletedId };
}

export const streamWriteCommands: readonly Command[] = [
  {
    name: 'xadd',
    summary: 'Adds an entry to a stream; creates the stream if it is not there.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1), and O(N) when trimming, N being the number of entries deleted',
    arity: -5,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(
      ['RW', 'update'],
      'UPDATE instead of INSERT because of the optional trimming feature',
    ),
    tips: ['nondeterministic_output'],
    history: [
      ['6.2.0', 'The `NOMKSTREAM` and `LIMIT` options and the `MINID` strategy.'],
      ['7.0.0', 'Ids of the form `<ms>-*`.'],
    ],
    arguments: [
      keyArgument,
      { ...token('NOMKSTREAM', '6.2.0'), flags: ['optional'] },
      { ...trimSpec, flags: ['optional'] },
      {
        name: 'id-selector',
        type: 'oneof',
        arguments: [
          { name: 'auto-id', type: 'pure-token', token: '*' },
          { name: 'id', type: 'string' },
        ],
      },
      {
        name: 'data',
        type: 'block',
        flags: ['multiple'],
        arguments: [
          { name: 'field', type: 'string' },
          { name: 'value', type: 'string' },
        ],
      },
    ],
    run: runAdd,
  },
  {
    name: 'xdel',
    summary: 'Deletes entries of a stream and returns how many there were.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1) for each entry, whatever the size of the stream',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'delete']),
    arguments: [keyArgument, { name: 'id', type: 'string', flags: ['multiple'] }],
    run: runDelete,
  },
  {
    name: 'xsetid',
    summary: 'Sets the last id of a stream, which replication and migration need.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'O(1)',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'update']),
    history: [['7.0.0', 'The `ENTRIESADDED` and `MAXDELETEDID` options.']],
    arguments: [
      keyArgument,
      { name: 'last-id', type: 'string' },
      {
        name: 'entries-added',
        type: 'integer',
        token: 'ENTRIESADDED',
        since: '7.0.0',
        flags: ['optional'],
      },
      {
        name: 'max-deleted-id',
        type: 'string',
        token: 'MAXDELETEDID',
        since: '7.0.0',
        flags: ['optional'],
      },
    ],
    run: runSetId,
  },
];
