/** The command line of the comparison with redis-server. */

import { Command, InvalidArgumentError, Option } from 'commander';
import type { SyncPolicy } from '../test/support/server.js';

export interface CompareOptions {
  readonly sync: SyncPolicy;
  readonly rounds: number;
  readonly pipeline: readonly number[];
  readonly cacheSize: string;
}

/** Its `parse` prints the help and exits if asked; `opts()` are the options then. */
export function compareProgram(): Command {
  const sync = new Option('--sync <policy>', 'when the servers sync their logs');
  const pipeline = new Option('--pipeline <depths>', 'requests in flight per connection');
  return new Command('npm run bench:compare --')
    .usage('[options]')
    .description('redis-benchmark against DiskDB and redis-server, round by round in turn.')
    .addOption(sync.choices(['always', 'interval', 'no']).default('interval'))
    .option('--rounds <count>', 'rounds per server; the median counts', count, 5)
    .addOption(pipeline.argParser(counts).default([1, 16], '1,16'))
    .option('--cache-size <size>', "DiskDB's cache_size", '256MB')
    .allowExcessArguments(false);
}

function counts(text: string): number[] {
  return text.split(',').map(count);
}

function count(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
}
