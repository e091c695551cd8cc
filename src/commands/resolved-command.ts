/** A command as the dispatcher uses it: everything that can be known beforehand is a plain property. */

import type { Argument } from '../base/large-string.js';
import { LatencyHistogram } from '../base/latency-histogram.js';
import type { CommandStatistics, ServerContext } from './context.js';
import { countsKeysRead, countsLookUps, type KeyEvent, keyEventOf } from './key-events.js';
import { findKeys, type KeyRange, keyRangeOf } from './key-positions.js';
import {
  ACL_CATEGORIES,
  type AclCategory,
  type Command,
  type CommandFlag,
  type CommandGroup,
  type KeyReference,
  type KeySpec,
} from './spec.js';

/** Made once for each command and subcommand when the table is built. */
export class ResolvedCommand {
  readonly command: Command;
  /** `get`, or `config|get` for a subcommand. */
  readonly fullName: string;
  readonly container: ResolvedCommand | undefined;
  /** By name in lower case; undefined if it is no container. */
  readonly subcommands: ReadonlyMap<string, ResolvedCommand> | undefined;
  readonly run: Command['run'];
  readonly runLarge: Command['runLarge'];
  /** With movablekeys, if its keys call for it. */
  readonly flags: ReadonlySet<CommandFlag>;
  /** In COMMAND INFO's order. */
  readonly categories: readonly AclCategory[];
  readonly keyRange: KeyRange;
  /** The only key's place in argv, if it is always one key at one place; otherwise 0. */
  readonly singleKey: number;
  /** How long calls took; undefined before the first one, or since CONFIG RESETSTAT. */
  latencies: LatencyHistogram | undefined;
  /** Counters of this server's calls, for INFO commandstats; whoever resets them sets them to 0. */
  readonly statistics: CommandStatistics = { calls: 0, microseconds: 0, rejected: 0, failed: 0 };

  /** What tells of a key that it has changed. */
  readonly keyEvent: KeyEvent | undefined;

  /** Its look-ups of keys are hits or misses … */
  readonly countsLookUps: boolean;
  /** … but only one of each key that it reads. */
  readonly countsKeysRead: boolean;
  readonly isWrite: boolean;
  readonly isReadonly: boolean;
  readonly isAdmin: boolean;
  readonly isBlocking: boolean;
  readonly isPubsub: boolean;
  readonly isFast: boolean;
  /** Refused when `maxmemory` is reached. */
  readonly deniedOutOfMemory: boolean;
  /** Works before AUTH. */
  readonly noAuth: boolean;
  readonly deniedInMulti: boolean;
  readonly deniedInScript: boolean;
  /** It waits for EXEC, after MULTI. */
  readonly isQueued: boolean;
  /** After it the client is in no transaction. */
  readonly endsMulti: boolean;
  readonly allowedLoading: boolean;
  readonly allowedStale: boolean;
  readonly allowedBusy: boolean;
  /** CLIENT PAUSE WRITE holds it, if it `replicates`. */
  readonly mayReplicate: boolean;
  /** MONITOR shows it when it has run. Those that skip it show themselves, or are nobody's business. */
  readonly isMonitored: boolean;
  readonly skipsSlowlog: boolean;
  /** It is cheap and touches nothing but its one key: it may be tried out before its turn (see rehearsal.ts). */
  readonly isRehearsable: boolean;

  /** It has keys, and touches nothing else that clients share. */
  readonly keepsToItsKeys: boolean;
  /** It has none, and touches none: it may run though a transaction is not done. */
  readonly touchesNoKeys: boolean;

  readonly #fewestArguments: number;
  readonly #mostArguments: number;

  constructor(command: Command, container: ResolvedCommand | undefined) {
    this.command = command;
    this.container = container;
    this.fullName =
      container === undefined ? command.name : `${container.fullName}|${command.name}`;
    this.subcommands = subcommandsOf(this, command);
    this.run = command.run;
    this.runLarge = command.runLarge;
    this.#fewestArguments = Math.abs(command.arity);
    this.#mostArguments = command.arity > 0 ? command.arity : Number.POSITIVE_INFINITY;
    this.keyRange = keyRangeOf(command.keys ?? []);
    this.singleKey = this.#hasOneKey() ? this.keyRange.first : 0;
    const flags = flagsOf(command, this.keyRange);
    this.flags = flags;
    this.categories = categoriesOf(command, flags);
    this.keyEvent = keyEventOf(this.fullName);
    this.isWrite = flags.has('write');
    this.isReadonly = flags.has('readonly');
    this.countsKeysRead = countsKeysRead(this.fullName);
    const isCounted = this.isReadonly && countsLookUps(this.fullName);
    this.countsLookUps = isCounted || this.countsKeysRead;
    this.isAdmin = flags.has('admin');
    this.isBlocking = flags.has('blocking');
    this.isPubsub = flags.has('pubsub');
    this.isFast = flags.has('fast');
    this.deniedOutOfMemory = flags.has('denyoom');
    this.noAuth = flags.has('no_auth');
    this.deniedInMulti = flags.has('no_multi');
    this.deniedInScript = flags.has('noscript');
    this.isQueued = command.duringMulti === undefined;
    this.endsMulti = command.duringMulti === 'ends';
    this.allowedLoading = flags.has('loading');
    this.allowedStale = flags.has('stale');
    this.allowedBusy = flags.has('allow_busy');
    this.mayReplicate = this.isWrite || command.mayReplicate !== undefined;
    this.isMonitored = !this.isAdmin && !flags.has('skip_monitor');
    this.skipsSlowlog = flags.has('skip_slowlog');
    const touchesKey = (this.isWrite || this.isReadonly) && this.singleKey > 0;
    // LINDEX and LSET are not called fast, for in Redis they are O(N).
    const isCheap = this.isFast || command.complexity === 'O(1)';
    this.keepsToItsKeys =
      command.group !== 'scripting' && this.hasKeys && !command.keys?.some(isVague);
    this.touchesNoKeys = touchesNoKeys(this);
    this.isRehearsable = isCheap && touchesKey && !this.isBlocking;
  }

  /** Whether a request may have this many arguments, the command's name included. */
  acceptsCount(count: number): boolean {
    return count >= this.#fewestArguments && count <= this.#mostArguments;
  }

  /** Whether a request with these arguments is held by CLIENT PAUSE WRITE. */
  replicates(server: ServerContext, argv: readonly Argument[]): boolean {
    const { mayReplicate } = this.command;
    return typeof mayReplicate === 'function' ? mayReplicate(server, argv) : this.mayReplicate;
  }

  noteTime(microseconds: number): void {
    this.latencies ??= new LatencyHistogram();
    this.latencies.record(microseconds);
  }

  /** The keys of a request; undefined if its arguments cannot be right. */
  keysOf(argv: readonly Argument[]): readonly KeyReference[] | undefined {
    return findKeys(this.command, argv);
  }

  get hasKeys(): boolean {
    const { keys = [], findKeys } = this.command;
    return findKeys !== undefined || keys.some(({ flags }) => !flags.includes('not_key'));
  }

  #hasOneKey(): boolean {
    const { first, last, incomplete } = this.keyRange;
    const { keys = [] } = this.command;
    return (
      keys.length === 1 && first === last && !incomplete && !keys[0]?.flags.includes('not_key')
    );
  }
}

function subcommandsOf(
  container: ResolvedCommand,
  { subcommands }: Command,
): ReadonlyMap<string, ResolvedCommand> | undefined {
  if (subcommands === undefined) return undefined;
  return new Map(subcommands.map((sub) => [sub.name, new ResolvedCommand(sub, container)]));
}

function flagsOf(command: Command, keyRange: KeyRange): ReadonlySet<CommandFlag> {
  const flags = new Set(command.flags);
  if (keyRange.incomplete) flags.add('movablekeys');
  return flags;
}

function touchesNoKeys({ command, categories, hasKeys }: ResolvedCommand): boolean {
  if (hasKeys || command.group === 'scripting') return false;
  // After CLIENT PAUSE nothing is written: it waits until what has begun is.
  if (command.name === 'pause') return false;
  return categories.includes('connection') || !categories.some((name) => WIDE.has(name));
}

/** SORT finds keys by what it sorts. */
function isVague({ begin, flags }: KeySpec): boolean {
  return 'unknown' in begin || flags.includes('incomplete');
}

/** Of commands without keys those that touch some all the same, or that nothing may run beside. */
const WIDE: ReadonlySet<AclCategory> = new Set(['keyspace', 'read', 'write', 'dangerous']);

const CATEGORY_OF_GROUP: Partial<Record<CommandGroup, AclCategory>> = {
  bitmap: 'bitmap',
  connection: 'connection',
  generic: 'keyspace',
  geo: 'geo',
  hash: 'hash',
  hyperloglog: 'hyperloglog',
  list: 'list',
  pubsub: 'pubsub',
  scripting: 'scripting',
  set: 'set',
  'sorted-set': 'sortedset',
  stream: 'stream',
  string: 'string',
  transactions: 'transaction',
};

/** A container that does nothing itself has no category of its group. */
function ownCategories(command: Command): readonly AclCategory[] {
  if (command.categories !== undefined) return command.categories;
  const ofGroup = CATEGORY_OF_GROUP[command.group];
  const runs = command.run !== undefined || command.runLarge !== undefined;
  return ofGroup === undefined || !runs ? [] : [ofGroup];
}

function categoriesOf(command: Command, flags: ReadonlySet<CommandFlag>): readonly AclCategory[] {
  const categories = new Set<AclCategory>(ownCategories(command));
  if (flags.has('write')) categories.add('write');
  if (flags.has('readonly') && !categories.has('scripting')) categories.add('read');
  if (flags.has('admin')) categories.add('admin').add('dangerous');
  if (flags.has('pubsub')) categories.add('pubsub');
  if (flags.has('blocking')) categories.add('blocking');
  if (flags.has('fast')) categories.add('fast');
  if (!categories.has('fast')) categories.add('slow');
  return ACL_CATEGORIES.filter((category) => categories.has(category));
}
