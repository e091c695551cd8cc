/** The command table: what a request's first words mean, and what is wrong with it if they mean nothing. */

import type { Argument } from '../base/large-string.js';
import { ResolvedCommand } from './resolved-command.js';
import type { Command } from './spec.js';

/** Spellings (`GET`, `Get` …) that are remembered; a client that plays with them gains nothing beyond. */
const MOST_SPELLINGS = 4096;
/** What an error quotes of a client's words, in bytes, as in Redis. */
const QUOTED_BYTES = 128;

export class CommandTable {
  readonly #byName = new Map<string, ResolvedCommand>();
  /** By the names they were made with. */
  readonly #byOwnName: ReadonlyMap<string, ResolvedCommand>;
  /** The names as clients write them: one look-up without changing case. */
  readonly #bySpelling = new Map<string, ResolvedCommand>();

  /** @param groups the tables of the files beside this one, each command in exactly one */
  constructor(groups: readonly (readonly Command[])[]) {
    for (const command of groups.flat()) {
      if (this.#byName.has(command.name))
        throw new Error(`bug: two commands named ${command.name}`);
      this.#byName.set(command.name, new ResolvedCommand(command, undefined));
    }
    this.#byOwnName = new Map(this.#byName);
  }

  /**
   * Clients know the command by another name from now on, or not at all if that is empty. To be called before anybody
   * asks for a command. @throws Error
   */
  rename(name: string, newName: string): void {
    const [from, to] = [name.toLowerCase(), newName.toLowerCase()];
    const command = this.#byName.get(from);
    if (command === undefined) throw new Error('No such command in rename-command');
    this.#byName.delete(from);
    if (to === '') return;
    if (this.#byName.has(to)) throw new Error('Target command name already exists');
    this.#byName.set(to, command);
  }

  /** Number of commands; subcommands do not count, as in COMMAND COUNT. */
  get size(): number {
    return this.#byName.size;
  }

  /** The commands without their subcommands. */
  commands(): Iterable<ResolvedCommand> {
    return this.#byName.values();
  }

  /** Every command, and after each container its subcommands. */
  all(): Iterable<ResolvedCommand> {
    return withSubcommands(this.#byName.values());
  }

  /** The same, with those that `rename` took away: ACL rules are about them all. */
  originals(): Iterable<ResolvedCommand> {
    return withSubcommands(this.#byOwnName.values());
  }

  /** The command of that name, in any case; never a subcommand. */
  find(name: string): ResolvedCommand | undefined {
    return this.#bySpelling.get(name) ?? this.#findByName(name);
  }

  /** Also `config|get`: for COMMAND INFO and the like, never for requests. */
  findByFullName(fullName: string): ResolvedCommand | undefined {
    return findIn(this.#byName, fullName);
  }

  /** The same by its own name, whatever clients know it by: for ACL rules. */
  findOriginal(fullName: string): ResolvedCommand | undefined {
    return findIn(this.#byOwnName, fullName);
  }

  /** What the request asks for, its number of arguments checked; or the text of the error reply. */
  resolve(argv: readonly Argument[]): ResolvedCommand | string {
    const found = this.lookup(argv);
    if (found === undefined) return this.#unknown(argv);
    if (found.acceptsCount(argv.length)) return found;
    return `ERR wrong number of arguments for '${found.fullName}' command`;
  }

  /** The same without any check. */
  lookup(argv: readonly Argument[]): ResolvedCommand | undefined {
    const name = argv[0];
    const command = typeof name === 'string' ? this.find(name) : undefined;
    if (command?.subcommands === undefined || argv.length === 1) return command;
    const subname = argv[1];
    if (typeof subname !== 'string') return undefined;
    return command.subcommands.get(subname) ?? command.subcommands.get(subname.toLowerCase());
  }

  #findByName(spelling: string): ResolvedCommand | undefined {
    const command = this.#byName.get(spelling.toLowerCase());
    if (command !== undefined && this.#bySpelling.size < MOST_SPELLINGS) {
      this.#bySpelling.set(spelling, command);
    }
    return command;
  }

  #unknown(argv: readonly Argument[]): string {
    const [name, ...rest] = argv;
    if (typeof name === 'string' && this.find(name) !== undefined) {
      return `ERR unknown subcommand '${quote(rest[0])}'. Try ${name.toUpperCase()} HELP.`;
    }
    let beginning = '';
    for (const argument of rest) {
      if (beginning.length >= QUOTED_BYTES) break;
      beginning += `'${quote(argument, QUOTED_BYTES - beginning.length)}' `;
    }
    return `ERR unknown command '${quote(name)}', with args beginning with: ${beginning}`;
  }
}

function* withSubcommands(commands: Iterable<ResolvedCommand>): Generator<ResolvedCommand> {
  for (const command of commands) {
    yield command;
    if (command.subcommands !== undefined) yield* command.subcommands.values();
  }
}

function findIn(
  commands: ReadonlyMap<string, ResolvedCommand>,
  fullName: string,
): ResolvedCommand | undefined {
  const [name = '', subname, ...rest] = fullName.toLowerCase().split('|');
  const command = commands.get(name);
  if (subname === undefined || rest.length > 0) return rest.length > 0 ? undefined : command;
  return command?.subcommands?.get(subname);
}

/** As C prints it: cut at a NUL, and at the limit. */
function quote(argument: Argument | undefined, limit = QUOTED_BYTES): string {
  const text = (typeof argument === 'string' ? argument : argument?.chunks[0]) ?? '';
  const end = text.indexOf('\0');
  return text.slice(0, end >= 0 && end < limit ? end : limit);
}
