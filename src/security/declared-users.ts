/** Users that the config file declares: `user` lines of a redis.conf, `security.users` of a diskdb.conf. */

import { textOfUtf8 } from '../base/byte-text.js';
import { DiskDbError } from '../base/errors.js';
import type { Logger } from '../base/log.js';
import type { Declaration } from '../config/declarations.js';
import { hasBlanks, RuleError } from './rule-error.js';
import { UserRights } from './user-rights.js';
import { applyRule, joinSelectors, newSelector, type RuleContext } from './user-rules.js';

/** @throws DiskDbError CONFIG_INVALID with a line for each problem */
export function declareUsers(
  declarations: readonly Declaration[],
  context: RuleContext,
  logger: Pick<Logger, 'warn'>,
): ReadonlyMap<string, UserRights> {
  const users = new Map<string, UserRights>();
  const problems: string[] = [];
  for (const { words, where } of declarations) {
    const [name = '', ...rules] = words;
    const rights = new UserRights(newSelector(context));
    const problem = users.has(name)
      ? 'Duplicate user found. A user can only be defined once in config files'
      : problemOf(name, rights, rules, context);
    if (problem !== undefined) problems.push(`${where}: ${textOfUtf8(`user ${name}: ${problem}`)}`);
    users.set(name, rights);
    if (!rights.isOn) {
      const shown = textOfUtf8(name);
      logger.warn({}, `${where}: user ${shown} is disabled, for there is no 'on' among its rules`);
    }
  }
  if (problems.length > 0) throw new DiskDbError('CONFIG_INVALID', problems.join('\n'));
  return users;
}

/** Applies the rules, up to the first that is wrong. Passwords are not repeated: this goes to the log. */
function problemOf(
  name: string,
  rights: UserRights,
  rules: readonly string[],
  context: RuleContext,
): string | undefined {
  if (name === '' || hasBlanks(name)) return 'a name must not be empty, and has no blanks';
  const joined = joinSelectors(rules);
  if (typeof joined === 'number') return `Unmatched parenthesis at '${rules[joined]}'`;
  for (const rule of joined) {
    try {
      applyRule(rights, rule, context);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      return /^[>#<!]/.test(rule) ? error.message : `Error in rule '${rule}': ${error.message}`;
    }
  }
  return undefined;
}
