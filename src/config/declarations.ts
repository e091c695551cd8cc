/** What a config file declares that is no option, for there may be any number: users, and new names of commands. */

export interface Declaration {
  /** A user's name and its rules; or a command's name and its new one, empty to take it away. As bytes, one a character. */
  readonly words: readonly string[];
  /** File and line, for messages. */
  readonly where: string;
}

export interface Declarations {
  readonly users: readonly Declaration[];
  readonly renames: readonly Declaration[];
}

export type DeclarationKind = keyof Declarations;

/** Directives of a redis.conf, which are flags as well. */
const KINDS: ReadonlyMap<string, DeclarationKind> = new Map([
  ['user', 'users'],
  ['rename-command', 'renames'],
]);

export const declarationNames: readonly string[] = [...KINDS.keys()];

export function declarationKind(directive: string): DeclarationKind | undefined {
  return KINDS.get(directive);
}

/** What all sources declare, in their order. */
export function joinDeclarations(all: readonly Declarations[]): Declarations {
  return {
    users: all.flatMap(({ users }) => users),
    renames: all.flatMap(({ renames }) => renames),
  };
}
