/** What EVAL and FCALL have in common: `numkeys key … arg …` behind what is to run. */

import { parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { ScriptArguments } from '../scripts.js';

export function scriptArguments(
  argv: readonly string[],
  readOnly: boolean,
  error?: string,
): ScriptArguments {
  const count = parseInteger(argv[2] as string, error);
  if (count > argv.length - 3) fail("ERR Number of keys can't be greater than number of args");
  if (count < 0) fail("ERR Number of keys can't be negative");
  return { argv, keys: argv.slice(3, 3 + count), args: argv.slice(3 + count), readOnly };
}
