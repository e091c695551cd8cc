/** OBJECT: how Redis would hold the value of a key. */

import { type Header, type KeyRecord, typeOf, ValueType } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import * as hash from '../../types/hash/hash.js';
import * as set from '../../types/set/set.js';
import * as sortedSet from '../../types/sorted-set/sorted-set.js';
import { encodingOf, isString, lengthOf } from '../../types/string/string.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { helpSubcommand } from '../help.js';
import { keysAt } from '../key-specs.js';
import type { Command } from '../spec.js';
import { typeName } from '../type-name.js';

/** Redis keeps one object of each small integer, and says of it that it has this many owners. */
const SHARED_INTEGERS = 10_000;
const SHARED_REFERENCES = 2_147_483_647;

/** A type that Redis has in one form only goes by its own name. */
export function encodingName(record: KeyRecord): string {
  switch (typeOf(record)) {
    case ValueType.string:
      return encodingOf(record);
    case ValueType.hash:
      return hash.encodingOf(record as Header);
    case ValueType.list:
      return 'quicklist';
    case ValueType.set:
      return set.encodingOf(record as Header);
    case ValueType.zset:
      return sortedSet.encodingOf(record as Header);
    default:
      return typeName(record);
  }
}

/** Where each key has a time or a count of its own, none shares its object. */
function sharesIntegers({ server }: CommandContext): boolean {
  const { maxMemory, policy } = server.config.values.eviction;
  return maxMemory === 0 || !/-l[rf]u$/.test(policy);
}

export function referenceCount(record: KeyRecord): number {
  if (!isString(record) || lengthOf(record) > 4 || encodingOf(record) !== 'int') return 1;
  const value = Number(typeof record === 'string' ? record : record.value);
  return value >= 0 && value < SHARED_INTEGERS ? SHARED_REFERENCES : 1;
}

function runEncoding({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const record = db.peek(argv[2] as string)?.record;
  return record === undefined ? reply.nullBulk : reply.bulk(encodingName(record));
}

function runReferenceCount(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply } = context;
  const record = db.peek(argv[2] as string)?.record;
  if (record === undefined) return reply.nullBulk;
  return reply.integer(sharesIntegers(context) ? referenceCount(record) : 1);
}

function policyIsLfu({ server }: CommandContext): boolean {
  return server.config.values.eviction.policy.endsWith('-lfu');
}

/** Of a key that is loaded for this, it counts from now. */
function runIdleTime(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply, server } = context;
  const entry = db.peek(argv[2] as string);
  if (entry === undefined) return reply.nullBulk;
  if (policyIsLfu(context)) {
    fail(
      'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
    );
  }
  return reply.integer(server.keyspace.residents.usage.idleSeconds(entry));
}

function runFrequency(context: CommandContext, argv: readonly string[]): Reply {
  const { db, reply, server } = context;
  const entry = db.peek(argv[2] as string);
  if (entry === undefined) return reply.nullBulk;
  if (!policyIsLfu(context)) {
    fail(
      'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.',
    );
  }
  return reply.integer(server.keyspace.residents.usage.frequency(entry));
}

type Outline = Pick<Command, 'name' | 'summary' | 'since' | 'run'>;

function subcommand(outline: Outline): Command {
  return {
    ...outline,
    group: 'generic',
    complexity: 'O(1)',
    arity: 3,
    flags: ['readonly'],
    keys: [keysAt(2, 0, 1, ['RO'])],
    tips: ['nondeterministic_output'],
    arguments: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  };
}

export const objectCommands: readonly Command[] = [
  {
    name: 'object',
    summary: 'A container for object introspection commands.',
    since: '2.2.3',
    group: 'generic',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      subcommand({
        name: 'encoding',
        summary: 'Returns how Redis would hold the value in memory.',
        since: '2.2.3',
        run: runEncoding,
      }),
      subcommand({
        name: 'freq',
        summary: 'Returns how often a key is used, where that is counted.',
        since: '4.0.0',
        run: runFrequency,
      }),
      subcommand({
        name: 'idletime',
        summary: 'Returns for how many seconds a key was not used.',
        since: '2.2.3',
        run: runIdleTime,
      }),
      subcommand({
        name: 'refcount',
        summary: 'Returns how many references Redis would hold to the value.',
        since: '2.2.3',
        run: runReferenceCount,
      }),
      helpSubcommand('object', '6.2.0', 'generic', [
        ['ENCODING <key>', 'How Redis would hold the value of the key in memory.'],
        ['FREQ <key>', 'How often the key was used of late, if the policy is LFU.'],
        ['IDLETIME <key>', 'Seconds since the key was last used.'],
        ['REFCOUNT <key>', 'How many keys share the value.'],
      ]),
    ],
  },
];
