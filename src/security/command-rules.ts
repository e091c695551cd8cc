/** The commands that one set of rules allows, and the rules that led there, to be shown and saved. */

import type { Argument } from '../base/large-string.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { AclCategory } from '../commands/spec.js';

export class CommandRules {
  /** Every command: none needs to be looked up. */
  allowsAll = false;
  /** What came last of `+@all` and `-@all`. */
  #startsWithAll = false;
  #allowed = new Set<ResolvedCommand>();
  /** Commands that are allowed only with one of these as their first argument, in lower case. */
  #firstArguments = new Map<ResolvedCommand, readonly string[]>();
  /** `+get`, `-@admin` …, since `+@all` or `-@all`. */
  #rules: readonly string[] = [];

  copy(): CommandRules {
    const copy = new CommandRules();
    copy.allowsAll = this.allowsAll;
    copy.#startsWithAll = this.#startsWithAll;
    copy.#allowed = new Set(this.#allowed);
    copy.#firstArguments = new Map(this.#firstArguments);
    copy.#rules = this.#rules;
    return copy;
  }

  /** `+@all`, `-@all`. */
  setAll(commands: Iterable<ResolvedCommand>, allow: boolean): void {
    this.allowsAll = allow;
    this.#startsWithAll = allow;
    this.#allowed = new Set(allow ? commands : []);
    this.#firstArguments.clear();
    this.#rules = [];
  }

  /** `+get`, `-config`, `+config|get`. A container stands for its subcommands too. */
  set(command: ResolvedCommand, allow: boolean): void {
    this.#mark(command, allow);
    this.#addRule(command.fullName, allow);
  }

  /** A rule that changes nothing, for there is no such command. */
  note(name: string, allow: boolean): void {
    this.#addRule(name, allow);
  }

  /** `+@read`. */
  setCategory(category: AclCategory, commands: Iterable<ResolvedCommand>, allow: boolean): void {
    for (const command of commands) {
      if (command.categories.includes(category)) this.#mark(command, allow);
    }
    this.#addRule(`@${category}`, allow);
  }

  /** `+select|0`, of a command that has no subcommands. */
  allowFirstArgument(command: ResolvedCommand, argument: string): void {
    const before = this.#firstArguments.get(command) ?? [];
    const lower = argument.toLowerCase();
    if (!before.includes(lower)) this.#firstArguments.set(command, [...before, lower]);
    this.#addRule(`${command.fullName}|${lower}`, true);
  }

  allows(command: ResolvedCommand, argv: readonly Argument[]): boolean {
    if (this.allowsAll || command.noAuth || this.#allowed.has(command)) return true;
    const first = argv[1];
    const allowed = this.#firstArguments.get(command);
    if (allowed === undefined || first === undefined) return false;
    return allowed.includes(String(first).toLowerCase());
  }

  #mark(command: ResolvedCommand, allow: boolean): void {
    const all = [command, ...(command.subcommands?.values() ?? [])];
    for (const each of all) {
      if (allow) this.#allowed.add(each);
      else this.#allowed.delete(each);
    }
    if (!allow) this.allowsAll = false;
    this.#firstArguments.delete(command);
  }

  /** A later rule takes the place of an earlier one for the same, and of those for its subcommands. */
  #addRule(subject: string, allow: boolean): void {
    const kept = this.#rules.filter((rule) => {
      const before = rule.slice(1);
      return before !== subject && !before.startsWith(`${subject}|`);
    });
    this.#rules = [...kept, `${allow ? '+' : '-'}${subject}`];
  }

  /** In the notation of rules. */
  toString(): string {
    return [this.#startsWithAll ? '+@all' : '-@all', ...this.#rules].join(' ');
  }
}
