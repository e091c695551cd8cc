/** Reads what the suite prints: one outcome per test. */

/** `missing`: the other server's run has this test, this one does not. */
export type Outcome = 'ok' | 'failed' | 'timeout' | 'crash' | 'missing';

/** The name under which a failure of the whole unit is kept. */
export const WHOLE_UNIT = '(unit)';

export interface TestResult {
  readonly outcome: Outcome;
  /** Why it failed, in the suite's words. */
  readonly detail: string;
}

/** The results of a unit by test name. A name used twice is ok when both are. */
export type UnitResults = Map<string, TestResult>;

export interface SuiteOutput {
  readonly results: UnitResults;
  /** Tests that the suite itself leaves out on an external server. */
  readonly ignored: number;
  /** The test that was running when nothing moved any more. */
  readonly hanging: string | undefined;
  /** It printed something of a test. */
  readonly hasBegun: boolean;
  /** The suite's own last words when it stopped before the unit's end. */
  readonly aborted: string | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the suite colours its output.
const COLOURS = /\u001b\[[0-9;]*m/g;
/** Of what it says, if it says nothing of any test. */
const LAST_LINES = 15;
const ENTRY = /^\[(ok|err|ignore|skip|exception|TIMEOUT)\]: (.*)$/;

export function parseOutput(output: string): SuiteOutput {
  const lines = output.replace(COLOURS, '').split('\n');
  const results: UnitResults = new Map();
  let ignored = 0;
  let hasBegun = false;
  let aborted: string | undefined;
  for (const [index, line] of lines.entries()) {
    if (/^\s*The End/.test(line)) break;
    const [, status, text = ''] = ENTRY.exec(line) ?? [];
    hasBegun ||= status !== undefined;
    if (status === 'ok') add(results, text.replace(/ \(\d+ ms\)$/, ''), 'ok', '');
    if (status === 'err') add(results, nameOf(text), 'failed', detailAfter(lines, index));
    if (status === 'ignore') ignored++;
    if (status === 'exception') aborted = [text, detailAfter(lines, index)].join('\n');
  }
  if (!hasBegun) aborted = `the suite did not begin:\n${lines.slice(-LAST_LINES).join('\n')}`;
  return { results, ignored, hanging: hangingTest(lines), hasBegun, aborted };
}

/** Adds a result; a failure is never overwritten by a later success of the same name. */
export function add(results: UnitResults, name: string, outcome: Outcome, detail: string): void {
  const known = results.get(name);
  if (known === undefined || known.outcome === 'ok') results.set(name, { outcome, detail });
}

function nameOf(text: string): string {
  return text.replace(/ in tests\/\S+\.tcl$/, '').trim();
}

function detailAfter(lines: readonly string[], index: number): string {
  const rest = lines.slice(index + 1);
  const end = rest.findIndex((line) => ENTRY.test(line) || /^\[\d+\/\d+ done\]/.test(line));
  const detail = end < 0 ? rest : rest.slice(0, end);
  return detail.join('\n').trim();
}

function hangingTest(lines: readonly string[]): string | undefined {
  const state = lines.map((line) => /=> \(IN PROGRESS\) (.*)$/.exec(line)?.[1]);
  return state.find((name) => name !== undefined);
}
