/**
 * What a command is: one record of data from which the table, COMMAND, ACL CAT and docs/commands are made, and
 * the function that runs it. Field names and values are those of Redis's COMMAND and COMMAND DOCS.
 */

import type { Argument } from '../base/large-string.js';
import type { Reply } from '../protocol/reply.js';
import type { CommandContext, ServerContext } from './context.js';

/** As in the third element of COMMAND INFO: redis.io/docs/latest/commands/command. */
export type CommandFlag =
  | 'admin'
  | 'asking'
  | 'blocking'
  | 'denyoom'
  | 'fast'
  | 'loading'
  | 'movablekeys'
  | 'no_async_loading'
  | 'no_auth'
  | 'no_mandatory_keys'
  | 'no_multi'
  | 'noscript'
  | 'pubsub'
  | 'readonly'
  | 'sentinel'
  | 'skip_monitor'
  | 'skip_slowlog'
  | 'stale'
  | 'write'
  | 'allow_busy';

/** A place that no spec can tell: `findKeys` knows it. */
interface UnknownPlace {
  readonly unknown: true;
}

/** Where keys stand in the arguments, and what happens to them: redis.io/docs/latest/develop/reference/key-specs. */
export interface KeySpec {
  /** RW, RO, OW or RM, then access, update, insert, delete, not_key, incomplete, variable_flags. */
  readonly flags: readonly KeySpecFlag[];
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly startFrom: number }
    | UnknownPlace;
  readonly find:
    | {
        readonly range: { readonly lastKey: number; readonly step: number; readonly limit: number };
      }
    | {
        readonly keyNum: {
          readonly keyNumIndex: number;
          readonly firstKey: number;
          readonly step: number;
        };
      }
    | UnknownPlace;
  readonly notes?: string;
}

export type KeySpecFlag =
  | 'RW'
  | 'RO'
  | 'OW'
  | 'RM'
  | 'access'
  | 'update'
  | 'insert'
  | 'delete'
  | 'not_key'
  | 'incomplete'
  | 'variable_flags';

export type CommandGroup =
  | 'bitmap'
  | 'cluster'
  | 'connection'
  | 'generic'
  | 'geo'
  | 'hash'
  | 'hyperloglog'
  | 'json'
  | 'list'
  | 'pubsub'
  | 'scripting'
  | 'server'
  | 'set'
  | 'sorted-set'
  | 'stream'
  | 'string'
  | 'transactions';

/** An ACL category without its `@`, in the order in which COMMAND INFO lists them. */
export const ACL_CATEGORIES = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
  'json',
] as const;

export type AclCategory = (typeof ACL_CATEGORIES)[number];

/** A key of one request: where it stands in argv and what happens to it. */
export interface KeyReference {
  readonly position: number;
  readonly flags: readonly KeySpecFlag[];
}

/** One entry of COMMAND DOCS' `arguments`. */
export interface ArgumentSpec {
  readonly name: string;
  readonly type:
    | 'string'
    | 'integer'
    | 'double'
    | 'key'
    | 'pattern'
    | 'unix-time'
    | 'pure-token'
    | 'oneof'
    | 'block';
  readonly token?: string;
  readonly keySpecIndex?: number;
  /** What stands in a syntax line, if it is not the name. */
  readonly display?: string;
  readonly flags?: readonly ('optional' | 'multiple' | 'multiple_token')[];
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly arguments?: readonly ArgumentSpec[];
}

export interface Command {
  /** Lower case; for a subcommand, its own name without the container's. */
  readonly name: string;
  readonly summary: string;
  /** The version of Redis that brought it. */
  readonly since: string;
  readonly group: CommandGroup;
  readonly complexity: string;
  /** The number of arguments, the name included; negative: at least that many. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  /** Besides those that follow from the flags; without it, the group's own category (none for `server`). */
  readonly categories?: readonly AclCategory[];
  readonly keys?: readonly KeySpec[];
  readonly tips?: readonly string[];
  readonly history?: readonly (readonly [version: string, change: string])[];
  readonly deprecated?: { readonly since: string; readonly replacedBy: string };
  readonly arguments?: readonly ArgumentSpec[];
  /** A container: `argv[1]` chooses. A container without `run` answers only through these. */
  readonly subcommands?: readonly Command[];
  /**
   * Keys, or flags of them, that no spec can tell (SET's GET, SORT's STORE …). Asked in place of the specs if one
   * of them is `incomplete` or unknown, or has `variable_flags`.
   */
  readonly findKeys?: (argv: readonly Argument[]) => readonly KeyReference[];

  /** CLIENT PAUSE WRITE holds it though it writes no key: what it does would reach replicas. */
  readonly mayReplicate?: true | ((server: ServerContext, argv: readonly Argument[]) => boolean);

  /** Places in argv of what nobody is to read: MONITOR and SLOWLOG show `(redacted)` there. */
  readonly secrets?: (argv: readonly Argument[]) => readonly number[];

  /**
   * What it does between MULTI and EXEC, where other commands are queued: it runs at once, and `ends` the transaction
   * whatever its reply is.
   */
  readonly duringMulti?: 'runs' | 'ends';

  /**
   * Runs on every attempt. No effect but through the context: it may fault anywhere and is then run again.
   * `argv[0]` is the command's name, `argv[1]` of a subcommand its own, as Redis has them. Arguments are
   * plain strings: a LargeString is joined before.
   */
  readonly run?: (context: CommandContext, argv: readonly string[]) => Reply;
  /** In place of `run`: takes values that came as LargeString as they are. */
  readonly runLarge?: (context: CommandContext, argv: readonly Argument[]) => Reply;
}
