/** XGROUP: consumer groups and their consumers. */

import type { Reply } from '../../protocol/reply.js';
import {
  createConsumer,
  createGroup,
  destroyGroup,
  findConsumer,
  findGroup,
  type Group,
  saveGroup,
} from '../../types/stream/group.js';
import { FIRST_ID } from '../../types/stream/id.js';
import { deleteConsumer } from '../../types/stream/pending.js';
import { createStream, findStream, type Stream } from '../../types/stream/stream.js';
import { isWord, parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keyArgument, keysAt, token } from '../key-specs.js';
import type { ArgumentSpec, Command, KeySpecFlag } from '../spec.js';
import { boundary, streamId } from './arguments.js';

interface GroupOptions {
  readonly createsStream: boolean;
  readonly entriesRead: number | undefined;
}

const MOST_CREATE_ARGUMENTS = 8;

function runCreate({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, , key = '', name = '', id = ''] = argv;
  const { createsStream, entriesRead } = parseOptions(argv, true);
  const found = findStream(db, key);
  if (found === undefined && !createsStream) failWithoutKey();
  if (argv.length > MOST_CREATE_ARGUMENTS) failSyntax(argv);
  const lastId = id === '$' ? (found?.lastId ?? FIRST_ID) : streamId(id);
  const stream = found ?? createStream(db, key);
  if (findGroup(db, stream, name) !== undefined) {
    fail('BUSYGROUP Consumer Group name already exists');
  }
  createGroup(db, stream, name, lastId, entriesRead);
  return reply.ok;
}

function runSetId({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, , key = '', name = '', id = ''] = argv;
  const { entriesRead } = parseOptions(argv, false);
  const { stream, group } = needGroup(db, key, name);
  if (argv.length !== 5 && argv.length !== 7) failSyntax(argv);
  group.lastId = id === '$' ? stream.lastId : boundary(id, 'first');
  group.entriesRead = entriesRead;
  saveGroup(db, stream, group);
  return reply.ok;
}

function parseOptions(argv: readonly string[], takesMkStream: boolean): GroupOptions {
  let createsStream = false;
  let entriesRead: number | undefined;
  for (let i = 5; i < argv.length; i++) {
    const option = argv[i] as string;
    if (takesMkStream && isWord(option, 'mkstream')) createsStream = true;
    else if (isWord(option, 'entriesread') && i + 1 < argv.length) {
      entriesRead = entriesReadArgument(argv[++i] as string);
    } else failSyntax(argv);
  }
  return { createsStream, entriesRead };
}

/** -1: it is not known. */
function entriesReadArgument(text: string): number | undefined {
  const count = parseInteger(text);
  if (count < -1) fail('ERR value for ENTRIESREAD must be positive or -1');
  return count < 0 ? undefined : Math.min(count, Number.MAX_SAFE_INTEGER);
}

function failSyntax(argv: readonly string[]): never {
  return fail(
    `ERR unknown subcommand or wrong number of arguments for '${argv[1]}'. Try XGROUP HELP.`,
  );
}

function runDestroy({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const stream = needStream(db, argv[2] as string);
  const group = findGroup(db, stream, argv[3] as string);
  if (group === undefined) return reply.integer(0);
  destroyGroup(db, stream, group);
  return reply.integer(1);
}

function runCreateConsumer({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, , key = '', name = '', consumer = ''] = argv;
  const { stream, group } = needGroup(db, key, name);
  if (findConsumer(db, stream, group, consumer) !== undefined) return reply.integer(0);
  createConsumer(db, stream, group, consumer);
  return reply.integer(1);
}

function runDeleteConsumer({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, , key = '', name = '', consumerName = ''] = argv;
  const { stream, group } = needGroup(db, key, name);
  const consumer = findConsumer(db, stream, group, consumerName);
  if (consumer === undefined) return reply.integer(0);
  return reply.integer(deleteConsumer(db, stream, group, consumer));
}

function needStream(db: CommandContext['db'], key: string): Stream {
  return findStream(db, key) ?? failWithoutKey();
}

function needGroup(
  db: CommandContext['db'],
  key: string,
  name: string,
): { stream: Stream; group: Group } {
  const stream = needStream(db, key);
  const group =
    findGroup(db, stream, name) ??
    fail(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
  return { stream, group };
}

function failWithoutKey(): never {
  return fail(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.',
  );
}

const groupArgument: ArgumentSpec = { name: 'group', type: 'string' };
const consumerArgument: ArgumentSpec = { name: 'consumer', type: 'string' };
const idSelector: ArgumentSpec = {
  name: 'id-selector',
  type: 'oneof',
  arguments: [
    { name: 'id', type: 'string' },
    { name: 'new-id', type: 'pure-token', token: '$' },
  ],
};
const entriesReadSpec: ArgumentSpec = {
  name: 'entries-read',
  display: 'entries-read',
  type: 'integer',
  token: 'ENTRIESREAD',
  flags: ['optional'],
};

type Outline = Pick<
  Command,
  'name' | 'summary' | 'since' | 'complexity' | 'arity' | 'flags' | 'run'
> & { readonly change: KeySpecFlag; readonly more: readonly ArgumentSpec[] } & Pick<
    Command,
    'history'
  >;

function subcommand({ change, more, ...outline }: Outline): Command {
  return {
    ...outline,
    group: 'stream',
    keys: [keysAt(2, 0, 1, ['RW', change])],
    arguments: [keyArgument, groupArgument, ...more],
  };
}

export const streamGroupCommands: readonly Command[] = [
  {
    name: 'xgroup',
    summary: 'A container for commands that manage consumer groups.',
    since: '5.0.0',
    group: 'stream',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      subcommand({
        name: 'create',
        summary: 'Creates a consumer group.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write', 'denyoom'],
        change: 'insert',
        history: [['7.0.0', 'The `ENTRIESREAD` option.']],
        more: [idSelector, { ...token('MKSTREAM'), flags: ['optional'] }, entriesReadSpec],
        run: runCreate,
      }),
      subcommand({
        name: 'createconsumer',
        summary: 'Creates a consumer in a consumer group.',
        since: '6.2.0',
        complexity: 'O(1)',
        arity: 5,
        flags: ['write', 'denyoom'],
        change: 'insert',
        more: [consumerArgument],
        run: runCreateConsumer,
      }),
      subcommand({
        name: 'delconsumer',
        summary: 'Deletes a consumer with its pending entries.',
        since: '5.0.0',
        complexity: 'O(N), N being the number of its pending entries',
        arity: 5,
        flags: ['write'],
        change: 'delete',
        more: [consumerArgument],
        run: runDeleteConsumer,
      }),
      subcommand({
        name: 'destroy',
        summary: 'Deletes a consumer group.',
        since: '5.0.0',
        complexity: 'O(N), N being the number of its pending entries',
        arity: 4,
        flags: ['write'],
        change: 'delete',
        more: [],
        run: runDestroy,
      }),
      subcommand({
        name: 'setid',
        summary: 'Sets the last delivered id of a consumer group.',
        since: '5.0.0',
        complexity: 'O(1)',
        arity: -5,
        flags: ['write'],
        change: 'update',
        history: [['7.0.0', 'The `ENTRIESREAD` option.']],
        more: [idSelector, entriesReadSpec],
        run: runSetId,
      }),
      helpSubcommand('xgroup', '5.0.0', 'stream', [
        [
          'CREATE <key> <groupname> <id|$> [option]',
          'A new group that begins after the id. Options:',
          '* MKSTREAM: an empty stream is made if there is none.',
          '* ENTRIESREAD <n>: how many entries there were up to the id.',
        ],
        ['CREATECONSUMER <key> <groupname> <consumer>', 'A new consumer of the group.'],
        ['DELCONSUMER <key> <groupname> <consumer>', 'Deletes it, and what it has pending.'],
        ['DESTROY <key> <groupname>', 'Deletes the group.'],
        [
          'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
          'The group goes on after the id.',
        ],
      ]),
    ],
  },
];
