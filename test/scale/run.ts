/**
 * `npm run scale`: data many times larger than the cache: keys, and one collection of each type. The exit code is 1
 * if a value is wrong or a bound is passed.
 *
 *     npm run scale -- --type hash --type zset --elements 500000
 */

import { parseArgs } from 'node:util';
import { CollectionRun } from './collections.js';
import { runKeys } from './keys.js';
import { KINDS } from './kinds.js';
import { say } from './watch.js';

const OPTIONS = {
  /** `keys` or a type of collection; all of them when absent. */
  type: { type: 'string', multiple: true },
  keys: { type: 'string', default: '2000000' },
  'value-size': { type: 'string', default: '512' },
  elements: { type: 'string', default: '5000000' },
  points: { type: 'string', default: '200000' },
  'cache-size': { type: 'string', default: '64MB' },
  reads: { type: 'string', default: '500000' },
  'memory-max': { type: 'string', default: '500' },
  'ready-max': { type: 'string', default: '5000' },
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  const types = values.type ?? ['keys', ...KINDS.map(({ name }) => name)];
  const cacheSize = values['cache-size'];
  const peaks: number[] = [];
  let wrong = 0;
  if (types.includes('keys')) {
    const result = await runKeys({
      keys: Number(values.keys),
      valueSize: Number(values['value-size']),
      cacheSize,
      reads: Number(values.reads),
      readyMax: Number(values['ready-max']),
    });
    wrong += result.wrong;
    peaks.push(result.peak);
  }
  for (const kind of KINDS.filter(({ name }) => types.includes(name))) {
    const elements = Number(values.elements);
    const run = new CollectionRun(kind, { elements, cacheSize, points: Number(values.points) });
    peaks.push(await run.run());
    wrong += run.wrong;
  }
  const peak = Math.max(...peaks);
  say(`\n${wrong} answers are wrong; RssAnon was at most ${peak.toFixed(0)} MiB`);
  return wrong === 0 && peak <= Number(values['memory-max']) ? 0 : 1;
}

process.exitCode = await main();
