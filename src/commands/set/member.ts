/** Set commands about members that are named, and those that tell all of them. */

import type { Reply } from '../../protocol/reply.js';
import { memberOf } from '../../types/member-table.js';
import * as set from '../../types/set/set.js';
import type { CommandContext } from '../context.js';
import { keyArgument, keysAt, oneKey } from '../key-specs.js';
import { streamIfLarge } from '../large-reply.js';
import { parseCursor, parseScanOptions, scanArguments, scanReply } from '../scan-options.js';
import type { ArgumentSpec, Command } from '../spec.js';
import { setLimits } from './limits.js';

function add(context: CommandContext, argv: readonly string[]): Reply {
  const key = argv[1] as string;
  return context.reply.integer(set.add(context.db, key, argv.slice(2), setLimits(context)));
}

function remove({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(set.remove(db, argv[1] as string, argv.slice(2)));
}

function move(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const [, from, to, member] = argv as [string, string, string, string];
  return reply.integer(set.move(db, from, to, member, setLimits(context)) ? 1 : 0);
}

function count({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  return reply.integer(set.find(db, argv[1] as string)?.record.count ?? 0);
}

function contains(context: CommandContext, argv: readonly string[]): readonly string[] {
  const { db, reply } = context;
  const members = argv.slice(2);
  const entry = set.find(db, argv[1] as string);
  const found = entry === undefined ? [] : set.contains(db, entry, members);
  return members.map((_, i) => reply.integer(found[i] === true ? 1 : 0));
}

function isMember(context: CommandContext, argv: readonly string[]): Reply {
  return contains(context, argv)[0] as string;
}

function areMembers(context: CommandContext, argv: readonly string[]): Reply {
  return context.reply.array(contains(context, argv));
}

function members(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const entry = set.find(db, argv[1] as string);
  if (entry === undefined) return reply.set([]);
  const part = { range: set.MEMBER_RANGE, count: entry.record.count };
  const encode = (name: string, value: string): string => reply.bulk(memberOf(name, value));
  const streamed = streamIfLarge(context, entry, part, { head: reply.setHead, encode });
  return streamed ?? reply.set(set.members(db, entry).map((member) => reply.bulk(member)));
}

/** As in Redis, options are not looked at without a key. */
function scan({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const cursor = parseCursor(argv[2] as string);
  const entry = set.find(db, argv[1] as string);
  if (entry === undefined) return scanReply(reply, 0, []);
  const options = parseScanOptions(argv, 3);
  const page = set.scan(db, entry, cursor, options.count);
  return scanReply(reply, page.cursor, page.members.filter(options.matches));
}

const memberArgument: ArgumentSpec = { name: 'member', type: 'string' };
const membersArgument: ArgumentSpec = { ...memberArgument, flags: ['multiple'] };

export const setMemberCommands: readonly Command[] = [
  {
    name: 'sadd',
    summary: 'Adds members to a set; creates the key if it is not there.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N), N being the number of members given',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    keys: oneKey(['RW', 'insert']),
    history: [['2.4.0', 'Takes more than one member.']],
    arguments: [keyArgument, membersArgument],
    run: add,
  },
  {
    name: 'scard',
    summary: 'Returns the number of members; 0 without a key.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(1)',
    arity: 2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument],
    run: count,
  },
  {
    name: 'sismember',
    summary: 'Tells whether a value is a member of a set.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO']),
    arguments: [keyArgument, memberArgument],
    run: isMember,
  },
  {
    name: 'smembers',
    summary: 'Returns all members of a set.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N), N being the number of members',
    arity: 2,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output_order'],
    arguments: [keyArgument],
    run: members,
  },
  {
    name: 'smismember',
    summary: 'Tells of several values whether they are members of a set.',
    since: '6.2.0',
    group: 'set',
    complexity: 'O(N), N being the number of values given',
    arity: -3,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO', 'access']),
    arguments: [keyArgument, membersArgument],
    run: areMembers,
  },
  {
    name: 'smove',
    summary: 'Moves a member from one set to another.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(1)',
    arity: 4,
    flags: ['write', 'fast'],
    keys: [keysAt(1, 0, 1, ['RW', 'access', 'delete']), keysAt(2, 0, 1, ['RW', 'insert'])],
    arguments: [
      { ...keyArgument, name: 'source' },
      { name: 'destination', type: 'key', keySpecIndex: 1 },
      memberArgument,
    ],
    run: move,
  },
  {
    name: 'srem',
    summary: 'Removes members from a set; a set without members is deleted.',
    since: '1.0.0',
    group: 'set',
    complexity: 'O(N), N being the number of members given',
    arity: -3,
    flags: ['write', 'fast'],
    keys: oneKey(['RW', 'delete']),
    history: [['2.4.0', 'Takes more than one member.']],
    arguments: [keyArgument, membersArgument],
    run: remove,
  },
  {
    name: 'sscan',
    summary: 'Iterates over the members of a set.',
    since: '2.8.0',
    group: 'set',
    complexity: 'O(1) for every call, O(N) for all of them, N being the number of members',
    arity: -3,
    flags: ['readonly'],
    keys: oneKey(['RO', 'access']),
    tips: ['nondeterministic_output'],
    arguments: [keyArgument, ...scanArguments],
    run: scan,
  },
];
