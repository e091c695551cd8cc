/** Where secrets stand in the arguments of requests: what MONITOR and SLOWLOG show as `(redacted)`. */

import type { Argument } from '../base/large-string.js';
import { textArgument } from './arguments.js';
import type { Command } from './spec.js';

type Secrets = NonNullable<Command['secrets']>;

/** All arguments from that place on. */
export function secretsFrom(first: number): Secrets {
  return (argv) => argv.map((_, place) => place).slice(first);
}

/** So many arguments behind each word that is one of these, given in lower case. */
export function secretsBehind(words: ReadonlyMap<string, number>): Secrets {
  return (argv: readonly Argument[]) =>
    argv.flatMap((word, place) => {
      const count = words.get(textArgument(word).toLowerCase()) ?? 0;
      const places = Array.from({ length: count }, (_, i) => place + 1 + i);
      return places.filter((secret) => secret < argv.length);
    });
}
