/** Where everything by chance begins in a run of the tests: `SEED=n npm test` repeats that of seed n. */

import fc from 'fast-check';
import { seededRandom } from '../../native-free-bench/random.js';

/** vitest.config.ts chooses and prints it. */
export const seed = Number(process.env.SEED);

fc.configureGlobal({ seed });

/** Whole numbers in [0, limit), by chance. */
export function numbersBelow(): (limit: number) => number {
  const random = seededRandom(seed);
  return (limit) => Math.floor(random() * limit);
}
