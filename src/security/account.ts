/** A user: a name, and rights that are replaced whole. Connections hold it, so that a change is theirs at once. */

import { timingSafeEqual } from 'node:crypto';
import type { Argument } from '../base/large-string.js';
import type { Denial, User } from '../commands/access-control.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { KeyReference } from '../commands/spec.js';
import { type FindKeys, type Objection, REASONS } from './selector.js';
import type { UserRights } from './user-rights.js';
import { hashOf } from './user-rules.js';

const READ = { reads: true, writes: false };

export class Account implements User {
  readonly name: string;
  isUnrestricted = false;
  #rights: UserRights;

  constructor(name: string, rights: UserRights) {
    this.name = name;
    this.#rights = rights;
    this.rights = rights;
  }

  get rights(): UserRights {
    return this.#rights;
  }

  /** From now on they must not be changed. */
  set rights(rights: UserRights) {
    this.#rights = rights;
    this.isUnrestricted = rights.selectors.some((selector) => selector.allowsEverything);
  }

  denial(command: ResolvedCommand, argv: readonly Argument[]): Denial | undefined {
    if (this.isUnrestricted) return undefined;
    const objection = this.#objection(command, argv);
    if (objection === undefined) return undefined;
    const { reason, position } = objection;
    const object = reason === 'command' ? command.fullName : String(argv[position]);
    return { reason, object, username: this.name };
  }

  /** No selector allows it: what the one that came furthest found. */
  #objection(command: ResolvedCommand, argv: readonly Argument[]): Objection | undefined {
    const findKeys = onceFound(command, argv);
    let furthest: Objection = { reason: 'command', position: 0 };
    for (const selector of this.#rights.selectors) {
      const objection = selector.objection(command, argv, findKeys);
      if (objection === undefined) return undefined;
      if (isFurther(objection, furthest)) furthest = objection;
    }
    return furthest;
  }

  readsAllKeys(command: ResolvedCommand, argv: readonly Argument[]): boolean {
    if (this.isUnrestricted) return true;
    const findKeys = onceFound(command, argv);
    return this.#rights.selectors.some(
      (selector) =>
        selector.objection(command, argv, findKeys) === undefined &&
        selector.keys.allowsEvery(READ),
    );
  }

  mayUseChannel(channel: string, isPattern: boolean): boolean {
    return this.#rights.selectors.some(({ channels }) => channels.allows(channel, isPattern));
  }

  /** Whether it is on and has the password. */
  accepts(password: string): boolean {
    const { isOn, needsNoPassword, passwords } = this.#rights;
    const given = Buffer.from(hashOf(password));
    let isOne = false;
    for (const hash of passwords) isOne = timingSafeEqual(given, Buffer.from(hash)) || isOne;
    return isOn && (needsNoPassword || isOne);
  }
}

function onceFound(command: ResolvedCommand, argv: readonly Argument[]): FindKeys {
  let keys: readonly KeyReference[] | undefined;
  return () => {
    keys ??= command.keysOf(argv) ?? [];
    return keys;
  };
}

function isFurther(one: Objection, other: Objection): boolean {
  const ahead = REASONS.indexOf(one.reason) - REASONS.indexOf(other.reason);
  return ahead > 0 || (ahead === 0 && one.position > other.position);
}
