/** Who may do what: the contract that commands and the dispatcher see; src/security implements it. */

import type { Argument } from '../base/large-string.js';
import { CommandError } from './command-error.js';
import type { ResolvedCommand } from './resolved-command.js';
import type { AclCategory } from './spec.js';

/** How a request came to be checked, as ACL LOG shows it. */
export type DenialContext = 'toplevel' | 'multi' | 'lua';

export type DenialReason = 'command' | 'key' | 'channel' | 'auth';

/** Why a user may not do what was asked for. */
export interface Denial {
  readonly reason: DenialReason;
  /** The command, key or channel; for `auth` the command that was to authenticate. */
  readonly object: string;
  readonly username: string;
}

/** Whom a connection acts for. What its rights are may change while it is connected. */
export interface User {
  readonly name: string;
  /** It may run every command on every key and channel: nothing of a request needs to be looked at. */
  readonly isUnrestricted: boolean;
  /** Why it may not run the request; undefined if it may. */
  denial(command: ResolvedCommand, argv: readonly Argument[]): Denial | undefined;
  /** It may run the request, and with the same rules read every key there is: for patterns that name keys. */
  readsAllKeys(command: ResolvedCommand, argv: readonly Argument[]): boolean;
  /** It may publish or subscribe to the channel; a pattern must be allowed literally. */
  mayUseChannel(channel: string, isPattern: boolean): boolean;
}

/** What one set of rules of a user allows, in the notation of rules. */
export interface SelectorDescription {
  readonly commands: string;
  readonly keys: string;
  readonly channels: string;
}

/** A user as ACL GETUSER shows it. */
export interface UserDescription {
  /** `on`, `off`, `nopass` … */
  readonly flags: readonly string[];
  /** SHA-256 in hexadecimal digits. */
  readonly passwords: readonly string[];
  /** The user's own rules first. */
  readonly selectors: readonly SelectorDescription[];
}

/** An entry of ACL LOG: denials alike within a minute are one. Times are milliseconds since 1970. */
export interface DenialRecord extends Denial {
  /** Counted from 0 since the start. */
  readonly id: number;
  readonly count: number;
  readonly context: DenialContext;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As in CLIENT LIST, of the last client. */
  readonly client: string;
}

export interface DenialLog {
  /** At most `count`, the latest first. */
  latest(count: number): readonly DenialRecord[];
  reset(): void;
  /** Forgets how many there were, for INFO. */
  resetCounts(): void;
  note(denial: Denial, context: DenialContext, client: string): void;
}

export interface AccessControl {
  /** Whom connections act for that have not authenticated. */
  readonly defaultUser: User;
  /** A connection need not authenticate: the default user is on and has no password. */
  readonly isOpen: boolean;
  /** The default user has no `nopass`. */
  readonly needsPassword: boolean;
  /** What was denied since the last reset, for INFO. */
  readonly denials: Readonly<Record<DenialReason, number>>;
  readonly log: DenialLog;
  /** Commands of a category, subcommands too, by their own names. */
  commandsOf(category: AclCategory): readonly string[];
  /** Names of all users, in the order of their bytes. */
  names(): readonly string[];
  find(name: string): User | undefined;
  describe(name: string): UserDescription | undefined;
  /** All users, by name, as they stand in a file: `user alice on …`. */
  lines(): readonly string[];
  /** Names and rules of all, if they are to be written into the config file, which declares others. */
  changedUsers(): readonly (readonly string[])[] | undefined;
  /** The config file declares them as they are now. */
  noteWritten(): void;
  /** The user, if it is on and this is one of its passwords. Takes the same time wherever they differ. */
  authenticate(name: string, password: string): User | undefined;
  /**
   * Applies rules to the user of that name, all or none; makes the user if there is none.
   * @returns what undoes it @throws CommandError
   */
  setUser(name: string, rules: readonly string[]): () => void;
  /** Who has it as its user may do nothing any more. Undefined if there is none; otherwise what undoes it. */
  deleteUser(name: string): (() => void) | undefined;
  /** Replaces all users by those of the file, or none if anything in it is wrong. @throws CommandError */
  load(): () => void;
  /** Writes all users to the file: the whole new file is there afterwards, or the old one. @throws CommandError */
  save(): void;
}

/** A request was denied: the reply, and what ACL LOG notes. */
export class Denied extends CommandError {
  readonly denial: Denial;

  constructor(reply: string, denial: Denial) {
    super(reply);
    this.denial = denial;
  }
}

/** What a denial is called, without its code. `verbose` tells also the key or the channel. */
export function denialText(denial: Denial, verbose = false): string {
  const { reason, object, username } = denial;
  if (reason === 'command') {
    return `User ${username} has no permissions to run the '${object}' command`;
  }
  if (verbose) return `User ${username} has no permissions to access the '${object}' ${reason}`;
  return `No permissions to access a ${reason}`;
}
