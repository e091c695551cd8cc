/** All users and what becomes of them: made when the server starts, changed by ACL and by CONFIG SET requirepass. */

import { resolve } from 'node:path';
import { textOfUtf8, utf8Text } from '../base/byte-text.js';
import type { Clock } from '../base/clock.js';
import { DiskDbError } from '../base/errors.js';
import type { Logger } from '../base/log.js';
import { replaceFile } from '../base/replace-file.js';
import type { AccessControl, DenialReason, UserDescription } from '../commands/access-control.js';
import { fail } from '../commands/command-error.js';
import type { CommandTable } from '../commands/registry.js';
import type { AclCategory } from '../commands/spec.js';
import type { Config } from '../config/config.js';
import { Account } from './account.js';
import { loadErrorText, readAclFile } from './acl-file.js';
import type { CommandNames } from './command-names.js';
import { declareUsers } from './declared-users.js';
import { Denials } from './denial-log.js';
import { hasBlanks, RuleError } from './rule-error.js';
import { UserRights } from './user-rights.js';
import { applyRule, joinSelectors, newSelector, type RuleContext } from './user-rules.js';

type Undo = () => void;

const DEFAULT = 'default';

const NO_FILE =
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ' +
  'ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) ' +
  'in order to store users in the Redis configuration.';
const FIRST_ARGUMENT =
  'an ACL rule allows a command with one first argument only: as in Redis that is deprecated';
const NOT_SAVED =
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information';

export interface SecurityParts {
  readonly config: Config;
  readonly commands: CommandTable;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

export class Security implements AccessControl {
  readonly defaultUser: Account;
  readonly log: Denials;
  readonly #parts: SecurityParts;
  readonly #names: CommandNames;
  readonly #accounts = new Map<string, Account>();
  /** As the config file declares them. */
  #written = '';

  /** @throws DiskDbError CONFIG_INVALID: a user that is declared cannot be as it is */
  constructor(parts: SecurityParts) {
    const { commands, config, clock } = parts;
    this.#parts = parts;
    this.#names = {
      all: [...commands.originals()],
      find: (name) => commands.findOriginal(name),
      onFirstArgument: (rule) => parts.logger.warn({ rule: textOfUtf8(rule) }, FIRST_ARGUMENT),
    };
    this.log = new Denials(clock, () => config.values.security.aclLogLength);
    this.defaultUser = new Account(DEFAULT, this.#defaultRights());
    this.#accounts.set(DEFAULT, this.defaultUser);
    this.#setPassword(utf8Text(config.values.security.password));
    config.onChangeWithUndo('security.password', (password) =>
      this.#setPassword(utf8Text(password)),
    );
    this.#declare();
    this.noteWritten();
  }

  get isOpen(): boolean {
    const { isOn, needsNoPassword } = this.defaultUser.rights;
    return isOn && needsNoPassword;
  }

  get needsPassword(): boolean {
    return !this.defaultUser.rights.needsNoPassword;
  }

  get denials(): Readonly<Record<DenialReason, number>> {
    return this.log.counts;
  }

  names(): readonly string[] {
    return [...this.#accounts.keys()].sort();
  }

  find(name: string): Account | undefined {
    return this.#accounts.get(name);
  }

  describe(name: string): UserDescription | undefined {
    return this.#accounts.get(name)?.rights.describe();
  }

  lines(): readonly string[] {
    return this.names().map((name) => `user ${name} ${this.#accounts.get(name)?.rights}`);
  }

  changedUsers(): readonly (readonly string[])[] | undefined {
    if (this.#file !== undefined || !this.#isChanged) return undefined;
    return this.lines().map((line) => line.split(' ').slice(1));
  }

  noteWritten(): void {
    this.#written = this.lines().join('\n');
  }

  get #isChanged(): boolean {
    return this.#written !== this.lines().join('\n');
  }

  commandsOf(category: AclCategory): readonly string[] {
    const found = this.#names.all.filter(({ categories }) => categories.includes(category));
    return found.map(({ fullName }) => fullName);
  }

  authenticate(name: string, password: string): Account | undefined {
    const account = this.#accounts.get(name);
    // Of a user that does not exist the password is looked at too, so that time does not tell.
    const isRight = (account ?? this.defaultUser).accepts(password);
    return isRight ? account : undefined;
  }

  setUser(name: string, rules: readonly string[]): Undo {
    if (hasBlanks(name)) fail("ERR Usernames can't contain spaces or null characters");
    const account = this.#accounts.get(name);
    const rights = account?.rights.copy() ?? new UserRights(newSelector(this.#context()));
    this.#applyAll(rights, rules);
    return this.#replaceAll([[name, rights]]);
  }

  deleteUser(name: string): Undo | undefined {
    const account = this.#accounts.get(name);
    return account === undefined ? undefined : this.#remove(account);
  }

  load(): Undo {
    const file = this.#file ?? fail(NO_FILE);
    const { users, errors } = this.#read(file);
    if (errors.length > 0) fail(`ERR ${loadErrorText(errors)}`);
    return this.#take(users);
  }

  save(): void {
    const file = this.#file ?? fail(NO_FILE);
    try {
      replaceFile(file, Buffer.from(`${this.lines().join('\n')}\n`, 'latin1'));
    } catch (error) {
      this.#parts.logger.warn({ err: error, file }, 'ACL SAVE: the file could not be written');
      fail(NOT_SAVED);
    }
  }

  get #file(): string | undefined {
    const { dir, security } = this.#parts.config.values;
    return security.aclFile === '' ? undefined : resolve(dir, security.aclFile);
  }

  #context(): RuleContext {
    const allChannels = this.#parts.config.values.security.aclPubsubDefault === 'allchannels';
    return { commands: this.#names, allChannels };
  }

  #applyAll(rights: UserRights, rules: readonly string[]): void {
    const joined = joinSelectors(rules);
    if (typeof joined === 'number') {
      fail(`ERR Unmatched parenthesis in acl selector starting at '${rules[joined]}'.`);
    }
    for (const rule of joined) {
      try {
        applyRule(rights, rule, this.#context());
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        fail(`ERR Error in ACL SETUSER modifier '${rule}': ${error.message}`);
      }
    }
  }

  /** Everything is allowed, without a password. */
  #defaultRights(): UserRights {
    const rights = new UserRights();
    for (const rule of ['on', 'nopass', 'allkeys', 'allchannels', 'allcommands']) {
      applyRule(rights, rule, this.#context());
    }
    return rights;
  }

  /** requirepass: the one password of the default user; empty: it needs none. The file has it as an option. */
  #setPassword(password: string): Undo {
    const { defaultUser } = this;
    const { rights: before } = defaultUser;
    const [written, wasChanged] = [this.#written, this.#isChanged];
    const rights = before.copy();
    const rules = password === '' ? ['nopass'] : ['resetpass', `>${password}`];
    for (const rule of rules) applyRule(rights, rule, this.#context());
    defaultUser.rights = rights;
    if (!wasChanged) this.noteWritten();
    return () => {
      defaultUser.rights = before;
      this.#written = written;
    };
  }

  /** Those that are to exist beside the others, or with other rights than so far. */
  #replaceAll(users: Iterable<readonly [name: string, rights: UserRights]>): Undo {
    const undos: Undo[] = [];
    for (const [name, rights] of users) {
      const account = this.#accounts.get(name);
      if (account === undefined) {
        this.#accounts.set(name, new Account(name, rights));
        undos.push(() => this.#accounts.delete(name));
      } else {
        const before = account.rights;
        account.rights = rights;
        undos.push(() => {
          account.rights = before;
        });
      }
    }
    return () => undoAll(undos);
  }

  /** Whoever is connected as this user may do nothing until the connection is closed. */
  #remove(account: Account): Undo {
    const before = account.rights;
    account.rights = new UserRights();
    this.#accounts.delete(account.name);
    return () => {
      account.rights = before;
      this.#accounts.set(account.name, account);
    };
  }

  #read(file: string): ReturnType<typeof readAclFile> {
    try {
      return readAclFile(file, this.#context());
    } catch (error) {
      return fail(`ERR ${error instanceof Error ? error.message : error}`);
    }
  }

  /** These users and no others; without a default user among them, the one that may do everything. */
  #take(users: ReadonlyMap<string, UserRights>): Undo {
    const all = new Map([[DEFAULT, this.#defaultRights()], ...users]);
    const gone = [...this.#accounts.values()].filter(({ name }) => !all.has(name));
    const undos = [...gone.map((account) => this.#remove(account)), this.#replaceAll(all)];
    return () => undoAll(undos);
  }

  /** Users of the config file, or of the ACL file. */
  #declare(): void {
    const { config, logger } = this.#parts;
    const file = this.#file;
    if (file !== undefined && config.users.length > 0) {
      const where = config.users[0]?.where;
      const hint = 'declare users either there or in the ACL file, not in both';
      throw new DiskDbError('CONFIG_INVALID', `${where}: security.acl_file is set: ${hint}`);
    }
    this.#replaceAll(declareUsers(config.users, this.#context(), logger));
    if (file === undefined) return;
    try {
      this.load();
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^ERR /, '') : String(error);
      throw new DiskDbError('CONFIG_INVALID', `security.acl_file: ${reason}`, error);
    }
  }
}

/** The last one first. */
function undoAll(undos: readonly Undo[]): void {
  for (const undo of [...undos].reverse()) undo();
}
