/** The command line of the comparison with redis-server. */

import { Command, InvalidArgumentError, Option } from 'commander';
import type { SyncPolicy } from '../test/support/server.js';
import { compareTests } from './compare-tests.js';

const TESTS = Object.keys(compareTests);
const DEFAULT_TESTS = ['GET', 'SET', 'INCR'];

export interface CompareOptions {
  readonly tests: readonly string[];
  readonly sync: SyncPolicy;
  readonly rounds: number;
  readonly pipeline: readonly number[];
  readonly cacheSize: string;
}

/** Its `parse` prints the help and exits if asked; `opts()` are the options then. */
export function compareProgram(): Command {
  const tests = new Option('--tests <names>', `what to measure, of ${TESTS.join(', ')}`);
  const sync = new Option('--sync <policy>', 'when the servers sync their logs');
  const pipeline = new Option('--pipeline <depths>', 'requests in flight per connection');
  return new Command('npm run bench:compare --')
    .usage('[options]')
    .description('redis-benchmark against DiskDB and redis-server, round by round in turn.')
    .addOption(tests.argParser(testNames).default(DEFAULT_TESTS, DEFAULT_TESTS.join(',')))
    .addOption(sync.choices(['always', 'interval', 'no']).default('interval'))
    .option('--rounds <count>', 'rounds per server, after a warm-up; the median counts', count, 5)
    .addOption(pipeline.argParser(counts).default([1, 16], '1,16'))
    .option('--cache-size <size>', "DiskDB's cache_size", '256MB')
    .allowExcessArguments(false);
}

function testNames(text: string): string[] {
  const names = text.toUpperCase().split(',');
  for (const name of names) {
    if (!TESTS.includes(name)) throw new InvalidArgumentError(`There is no test named ${name}.`);
  }
  return names;
}

function counts(text: string): number[] {
  return text.split(',').map(count);
}

function count(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
}
