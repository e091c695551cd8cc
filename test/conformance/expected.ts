/** The list of tests that are not expected to pass yet, and how a run compares with it. */

import { type UnitResults, WHOLE_UNIT } from './outcomes.js';

export interface Expectation {
  readonly unit: string;
  readonly test: string;
  readonly reason: string;
  /** Chance decides. */
  readonly mayPass: boolean;
}

export interface Verdict {
  readonly passed: number;
  /** Failing as listed. */
  readonly listed: number;
  /** What breaks the build: one line each. */
  readonly violations: readonly string[];
}

const SEPARATOR = ' :: ';
/** How the reason begins where chance decides whether the test passes. */
const BY_CHANCE = 'by chance';

/** Reads `unit :: test name :: reason` lines; `#` starts a comment line. Throws on a line of another form. */
export function parseExpectations(text: string): Expectation[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const parts = line.split(SEPARATOR);
    const [unit = '', reason = ''] = [parts[0], parts.at(-1)];
    const test = parts.slice(1, -1).join(SEPARATOR);
    if (test === '' || reason === '') {
      throw new Error(`expected.txt:${index + 1}: not "unit :: test name :: reason": ${line}`);
    }
    return [{ unit, test, reason, mayPass: reason.startsWith(BY_CHANCE) }];
  });
}

export function formatExpectation(unit: string, test: string, reason: string): string {
  return [unit, test, reason].join(SEPARATOR);
}

/** Judges one unit: it has tests, every failure must be listed, and every listed test must still fail, unless chance decides. */
export function judge(
  unit: string,
  results: UnitResults,
  expectations: readonly Expectation[],
  knowsAllTests = true,
): Verdict {
  const own = expectations.filter((one) => one.unit === unit);
  const listed = new Map(own.map((one) => [one.test, one]));
  const violations = results.size === 0 ? [`${unit}: no test was run`] : [];
  let [passed, failedAsListed] = [0, 0];
  for (const [test, { outcome, detail }] of results) {
    const mayPass = listed.get(test)?.mayPass ?? true;
    const isListed = listed.delete(test);
    if (outcome === 'ok') passed++;
    else if (isListed) failedAsListed++;
    if (outcome === 'ok' && !mayPass) {
      violations.push(
        `${unit}: "${test}" passes now: remove it from expected.txt, the list only shrinks`,
      );
    }
    if (outcome !== 'ok' && !isListed) {
      violations.push(`${unit}: "${test}" ${outcome}: ${detail.split('\n')[0] ?? ''}`);
    }
  }
  // A unit that was stopped has said so, and without the reference's run nobody knows all tests.
  const absent = results.has(WHOLE_UNIT) || !knowsAllTests ? [] : listed.keys();
  for (const test of absent) {
    violations.push(`${unit}: expected.txt lists "${test}", which does not exist`);
  }
  return { passed, listed: failedAsListed, violations };
}
