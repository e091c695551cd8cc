/** A command as COMMAND INFO and COMMAND DOCS show it: redis.io/docs/latest/commands/command-docs. */

import type { Reply, ReplyEncoder } from '../../protocol/reply.js';
import type { ResolvedCommand } from '../resolved-command.js';
import type { ArgumentSpec, CommandFlag, KeySpec, KeySpecFlag } from '../spec.js';

/** In the order in which Redis lists them. */
const SHOWN_FLAGS: readonly CommandFlag[] = [
  'write',
  'readonly',
  'denyoom',
  'admin',
  'pubsub',
  'noscript',
  'blocking',
  'loading',
  'stale',
  'skip_monitor',
  'skip_slowlog',
  'asking',
  'fast',
  'no_auth',
  'no_mandatory_keys',
  'no_async_loading',
  'no_multi',
  'movablekeys',
  'allow_busy',
];

/** Names and values in turn. */
type Fields = readonly (readonly [name: string, value: Reply | undefined])[];

/** A map of those that have a value. */
function mapOf(reply: ReplyEncoder, fields: Fields): Reply {
  return reply.map(
    fields.flatMap(([name, value]) => (value === undefined ? [] : [reply.bulk(name), value])),
  );
}

function words(reply: ReplyEncoder, texts: Iterable<string>): Reply {
  return reply.set([...texts].map((text) => reply.simple(text)));
}

/** The ten elements of COMMAND INFO. */
export function commandInfo(reply: ReplyEncoder, resolved: ResolvedCommand): Reply {
  const { command, fullName, flags, categories, keyRange } = resolved;
  const subcommands = [...(resolved.subcommands?.values() ?? [])];
  return reply.array([
    reply.bulk(fullName),
    reply.integer(command.arity),
    words(
      reply,
      SHOWN_FLAGS.filter((flag) => flags.has(flag)),
    ),
    reply.integer(keyRange.first),
    reply.integer(keyRange.last),
    reply.integer(keyRange.step),
    words(
      reply,
      categories.map((category) => `@${category}`),
    ),
    reply.set((command.tips ?? []).map((tip) => reply.bulk(tip))),
    reply.set((command.keys ?? []).map((spec) => keySpec(reply, spec))),
    subcommands.length === 0
      ? reply.set([])
      : reply.array(subcommands.map((subcommand) => commandInfo(reply, subcommand))),
  ]);
}

export function keyFlags(reply: ReplyEncoder, flags: readonly KeySpecFlag[]): Reply {
  return words(reply, flags);
}

function keySpec(reply: ReplyEncoder, { notes, flags, begin, find }: KeySpec): Reply {
  return mapOf(reply, [
    ['notes', notes === undefined ? undefined : reply.bulk(notes)],
    ['flags', keyFlags(reply, flags)],
    ['begin_search', searchSpec(reply, begin)],
    ['find_keys', findSpec(reply, find)],
  ]);
}

function searchSpec(reply: ReplyEncoder, begin: KeySpec['begin']): Reply {
  if ('index' in begin) return typed(reply, 'index', { index: begin.index });
  if ('unknown' in begin) return typed(reply, 'unknown', {});
  return mapOf(reply, [
    ['type', reply.bulk('keyword')],
    [
      'spec',
      mapOf(reply, [
        ['keyword', reply.bulk(begin.keyword)],
        ['startfrom', reply.integer(begin.startFrom)],
      ]),
    ],
  ]);
}

function findSpec(reply: ReplyEncoder, find: KeySpec['find']): Reply {
  if ('range' in find) {
    const { lastKey, step, limit } = find.range;
    return typed(reply, 'range', { lastkey: lastKey, keystep: step, limit });
  }
  if ('unknown' in find) return typed(reply, 'unknown', {});
  const { keyNumIndex, firstKey, step } = find.keyNum;
  return typed(reply, 'keynum', { keynumidx: keyNumIndex, firstkey: firstKey, keystep: step });
}

function typed(reply: ReplyEncoder, type: string, spec: Readonly<Record<string, number>>): Reply {
  const fields = Object.entries(spec).map(([name, value]) => [name, reply.integer(value)] as const);
  return mapOf(reply, [
    ['type', reply.bulk(type)],
    ['spec', mapOf(reply, fields)],
  ]);
}

function commandDocs(reply: ReplyEncoder, resolved: ResolvedCommand): Reply {
  const { command, subcommands } = resolved;
  const { deprecated, history, arguments: args } = command;
  const text = (value: string | undefined): Reply | undefined =>
    value === undefined ? undefined : reply.bulk(value);
  return mapOf(reply, [
    ['summary', reply.bulk(command.summary)],
    ['since', reply.bulk(command.since)],
    ['group', reply.bulk(command.group)],
    ['complexity', reply.bulk(command.complexity)],
    ['doc_flags', deprecated === undefined ? undefined : words(reply, ['deprecated'])],
    ['deprecated_since', text(deprecated?.since)],
    ['replaced_by', text(deprecated?.replacedBy)],
    ['history', history === undefined ? undefined : reply.set(history.map((h) => reply.bulks(h)))],
    ['arguments', args === undefined ? undefined : argumentDocs(reply, args)],
    ['subcommands', subcommands === undefined ? undefined : docsOf(reply, subcommands.values())],
  ]);
}

/** Full names and docs in turn. */
export function docsOf(reply: ReplyEncoder, commands: Iterable<ResolvedCommand>): Reply {
  return mapOf(
    reply,
    [...commands].map((command) => [command.fullName, commandDocs(reply, command)]),
  );
}

function argumentDocs(reply: ReplyEncoder, args: readonly ArgumentSpec[]): Reply {
  return reply.array(args.map((arg) => argumentDoc(reply, arg)));
}

function argumentDoc(reply: ReplyEncoder, arg: ArgumentSpec): Reply {
  const isGroup = arg.arguments !== undefined;
  const text = (value: string | undefined): Reply | undefined =>
    value === undefined ? undefined : reply.bulk(value);
  return mapOf(reply, [
    ['name', reply.bulk(arg.name)],
    ['type', reply.bulk(arg.type)],
    ['display_text', isGroup ? undefined : reply.bulk(arg.display ?? arg.name)],
    [
      'key_spec_index',
      arg.keySpecIndex === undefined ? undefined : reply.integer(arg.keySpecIndex),
    ],
    ['token', text(arg.token)],
    ['since', text(arg.since)],
    ['deprecated_since', text(arg.deprecatedSince)],
    ['flags', arg.flags === undefined ? undefined : words(reply, arg.flags)],
    ['arguments', arg.arguments === undefined ? undefined : argumentDocs(reply, arg.arguments)],
  ]);
}
