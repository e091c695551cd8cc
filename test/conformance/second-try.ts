/**
 * The second try of a unit in which something failed that is not listed, with nothing beside it: many tests of the suite look at a
 * clock, and fail now and then where two servers and two clients share a machine, redis-server's too.
 */

import { type Expectation, judge } from './expected.js';
import { type Outcome, WHOLE_UNIT } from './outcomes.js';
import type { UnitPair } from './report.js';
import type { UnitRun } from './suite-run.js';

/** No crash and no hang is a matter of the clock. */
const FORGIVEN: readonly Outcome[] = ['failed', 'missing'];

/** What passes now counts as passed. Returns a line for each that did. `run` runs a unit alone. */
export async function tryAgain(
  pairs: readonly UnitPair[],
  expectations: readonly Expectation[],
  run: (unit: string) => Promise<UnitRun>,
): Promise<string[]> {
  const unsteady: string[] = [];
  for (const pair of pairs) {
    const { unit, subject, reference } = pair;
    const verdict = judge(unit, subject.results, expectations, reference !== undefined);
    if (verdict.violations.length > 0)
      unsteady.push(...passedNow(pair, expectations, await run(unit)));
  }
  return unsteady;
}

function passedNow(
  { unit, subject }: UnitPair,
  expectations: readonly Expectation[],
  second: UnitRun,
): string[] {
  const lines: string[] = [];
  for (const [test, { outcome, detail }] of [...subject.results]) {
    const isListed = expectations.some((one) => one.unit === unit && one.test === test);
    if (!FORGIVEN.includes(outcome) || isListed || !passed(second, test)) continue;
    if (test === WHOLE_UNIT) subject.results.delete(test);
    else subject.results.set(test, { outcome: 'ok', detail: '' });
    lines.push(`${unit}: "${test}" ${outcome}, and passed alone: ${detail.split('\n')[0] ?? ''}`);
  }
  return lines;
}

function passed({ results }: UnitRun, test: string): boolean {
  return test === WHOLE_UNIT ? !results.has(test) : results.get(test)?.outcome === 'ok';
}
