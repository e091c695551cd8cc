/** The conformance table, as text for the terminal and as markdown. */

import { formatTable } from '../../native-free-bench/table.js';
import { type Expectation, judge, type Verdict } from './expected.js';
import type { UnitRun } from './suite-run.js';

/** A unit's runs on the server under test and on redis-server. */
export interface UnitPair {
  readonly unit: string;
  readonly subject: UnitRun;
  readonly reference: UnitRun | undefined;
}

export interface Report {
  readonly text: string;
  readonly markdown: string;
  readonly violations: readonly string[];
  readonly passed: number;
}

export function makeReport(
  pairs: readonly UnitPair[],
  expectations: readonly Expectation[],
): Report {
  const verdicts = pairs.map(({ unit, subject, reference }) =>
    judge(unit, subject.results, expectations, reference !== undefined),
  );
  const violations = verdicts.flatMap((verdict) => verdict.violations);
  const passed = sum(verdicts.map((verdict) => verdict.passed));
  const summary = formatTable(summaryRows(pairs, verdicts));
  const failures = formatTable(failureRows(pairs, expectations), 4);
  const text = [summary, '', ...violations.map((line) => `! ${line}`)].join('\n');
  const markdown = ['# Conformance', '', summary, '', '## Tests that fail', '', failures, ''].join(
    '\n',
  );
  return { text: `${text}\n`, markdown, violations, passed };
}

function summaryRows(pairs: readonly UnitPair[], verdicts: readonly Verdict[]): string[][] {
  const header = [
    'unit',
    'tests',
    'passed',
    'listed',
    'unexpected',
    's',
    'redis-server passed',
    's ',
  ];
  const rows = pairs.map((pair, index) => summaryRow(pair, verdicts[index]));
  const totals = [1, 2, 3, 4, 5, 6, 7].map((column) =>
    String(Math.round(sum(rows.map((row) => Number(row[column] ?? 0) || 0)))),
  );
  return [header, ...rows, ['all', ...totals]];
}

function summaryRow(
  { unit, subject, reference }: UnitPair,
  verdict: Verdict | undefined,
): string[] {
  const tests = subject.results.size;
  const referenceResults = [...(reference?.results.values() ?? [])];
  const referencePassed = referenceResults.filter(({ outcome }) => outcome === 'ok').length;
  return [
    unit,
    String(tests),
    String(verdict?.passed ?? 0),
    String(verdict?.listed ?? 0),
    String(verdict?.violations.length ?? 0),
    subject.seconds.toFixed(1),
    reference === undefined ? '-' : String(referencePassed),
    reference === undefined ? '-' : reference.seconds.toFixed(1),
  ];
}

function failureRows(pairs: readonly UnitPair[], expectations: readonly Expectation[]): string[][] {
  const header = ['unit', 'test', 'outcome', 'reason'];
  const rows = pairs.flatMap(({ unit, subject }) =>
    [...subject.results]
      .filter(([, { outcome }]) => outcome !== 'ok')
      .map(([test, { outcome, detail }]) => {
        const listed = expectations.find((one) => one.unit === unit && one.test === test);
        const reason = listed?.reason ?? `UNEXPECTED: ${detail.split('\n')[0] ?? ''}`;
        return [unit, test, outcome, reason].map((cell) => cell.replaceAll('|', '\\|'));
      }),
  );
  return [header, ...rows];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
