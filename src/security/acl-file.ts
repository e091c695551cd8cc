/** The file of `security.acl_file`: a line `user <name> <rule> …` for each user. Blank lines may stand between them. */

import { readFileSync } from 'node:fs';
import { hasBlanks, RuleError } from './rule-error.js';
import { UserRights } from './user-rights.js';
import { applyRule, joinSelectors, newSelector, type RuleContext } from './user-rules.js';

const NO_CHANGE =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed';

export interface AclFile {
  readonly users: ReadonlyMap<string, UserRights>;
  /** What is wrong, with file and line; users are to be used only if this is empty. */
  readonly errors: readonly string[];
}

export function readAclFile(path: string, context: RuleContext): AclFile {
  const reader = new AclFileReader(path, context);
  for (const [i, line] of contentOf(path).split('\n').entries()) reader.read(line, i + 1);
  return reader;
}

/** @throws Error with what the system says */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    throw new Error(`Error loading ACLs, opening file '${path}': ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^ENOENT/.test(message) ? 'No such file or directory' : message;
}

/** All errors as one line, as ACL LOAD answers them. */
export function loadErrorText(errors: readonly string[]): string {
  return [...errors, NO_CHANGE].join(' ');
}

class AclFileReader implements AclFile {
  readonly users = new Map<string, UserRights>();
  readonly errors: string[] = [];
  readonly #path: string;
  readonly #context: RuleContext;

  constructor(path: string, context: RuleContext) {
    this.#path = path;
    this.#context = context;
  }

  read(line: string, number: number): void {
    const where = `${this.#path}:${number}`;
    const [keyword, name, ...rules] = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '').split(' ');
    if (keyword === '' && name === undefined) return;
    if (keyword !== 'user' || name === undefined) {
      this.errors.push(`${where} should start with user keyword followed by the username.`);
    } else if (hasBlanks(name)) {
      this.errors.push(`${where}: username '${name}' contains invalid characters.`);
    } else if (this.users.has(name)) {
      this.errors.push(`WARNING: Duplicate user '${name}' found on line ${number}.`);
    } else {
      this.#readUser(name, rules, where);
    }
  }

  #readUser(name: string, rules: readonly string[], where: string): void {
    const rights = new UserRights(newSelector(this.#context));
    this.users.set(name, rights);
    const joined = joinSelectors(rules);
    if (typeof joined === 'number') {
      this.errors.push(`${where}: Unmatched parenthesis in selector definition.`);
      return;
    }
    let isFirst = true;
    for (const rule of joined) {
      const error = this.#errorOf(rights, rule.replace(/^[\t\r]+|[\t\r]+$/g, ''));
      // What follows an error may fail for its sake; an unknown name stands for itself, and is no secret.
      if (error?.code === 'unknown') {
        this.errors.push(`${where}: Error in applying operation '${rule}': ${error.message}.`);
      } else if (error !== undefined && isFirst) {
        isFirst = false;
        this.errors.push(`${where}: ${error.message}.`);
      }
    }
  }

  #errorOf(rights: UserRights, rule: string): RuleError | undefined {
    try {
      applyRule(rights, rule, this.#context);
      return undefined;
    } catch (error) {
      if (error instanceof RuleError) return error;
      throw error;
    }
  }
}
