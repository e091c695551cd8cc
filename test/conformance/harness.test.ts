/** The conformance harness itself: nothing that fails, hangs or ends the server may be taken for a pass. */

import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Server, temporaryDirectory } from '../support/server.js';
import { judge, parseExpectations } from './expected.js';
import { add, type Outcome, parseOutput, type UnitResults, WHOLE_UNIT } from './outcomes.js';
import { tryAgain } from './second-try.js';
import { runUnit } from './suite-run.js';

const OUTPUT = `Starting test server at port 33079
[\u001b[0;32;49mok\u001b[0m]: SET and GET (12 ms)
[\u001b[0;31;49merr\u001b[0m]: GET in space in tests/unit/type/string.tcl
Expected 'a' to be equal to 'b'
    while executing
[\u001b[0;32;49mok\u001b[0m]: twice (0 ms)
[\u001b[0;31;49merr\u001b[0m]: twice in tests/unit/type/string.tcl
[\u001b[0;36;49mignore\u001b[0m]: Not supported on external server
[\u001b[0;32;49mok\u001b[0m]: name (with) brackets (0 ms)
[1/1 \u001b[0;33;49mdone\u001b[0m]: unit/type/string (1 seconds)

                   The End

*** [err]: GET in space in tests/unit/type/string.tcl
`;

describe('parseOutput', () => {
  it('reads one outcome per test', () => {
    const { results, ignored, hanging, aborted } = parseOutput(OUTPUT);
    expect([...results].map(([name, { outcome }]) => [name, outcome])).toEqual([
      ['SET and GET', 'ok'],
      ['GET in space', 'failed'],
      ['twice', 'failed'],
      ['name (with) brackets', 'ok'],
    ]);
    expect(results.get('GET in space')?.detail).toContain("Expected 'a'");
    expect([ignored, hanging, aborted]).toEqual([1, undefined, undefined]);
  });

  it('finds the test that hangs and the reason of an abort', () => {
    const hung = parseOutput(
      '[TIMEOUT]: clients state report follows.\nsock5 => (IN PROGRESS) BLPOP x\n',
    );
    expect(hung.hanging).toBe('BLPOP x');
    const ended = parseOutput('[exception]: Executing test client: no such thing.\nstack\n');
    expect(ended.aborted).toContain('no such thing');
  });
});

const results = (...outcomes: [Outcome, string][]): UnitResults => {
  const map: UnitResults = new Map();
  for (const [outcome, name] of outcomes) add(map, name, outcome, '');
  return map;
};

describe('judge', () => {
  const listed = parseExpectations('# comment\n\nunit/a :: one :: needs x\nunit/b :: two :: why\n');

  it('accepts listed failures', () => {
    const verdict = judge('unit/a', results(['failed', 'one'], ['ok', 'zero']), listed);
    expect(verdict).toEqual({ passed: 1, listed: 1, violations: [] });
  });

  it('accepts either outcome where chance decides', () => {
    const either = parseExpectations('unit/a :: one :: by chance: it depends on x\n');
    for (const outcome of ['ok', 'failed'] as const) {
      expect(judge('unit/a', results([outcome, 'one']), either).violations).toEqual([]);
    }
  });

  it.each([
    ['a failure that is not listed', results(['failed', 'one'], ['failed', 'zero']), 'zero'],
    ['a test that was never reached', results(['failed', 'one'], ['missing', 'zero']), 'missing'],
    ['a listed test that passes', results(['ok', 'one']), 'passes now'],
    ['a listed test that does not exist', results(['ok', 'zero']), 'does not exist'],
  ])('refuses %s', (_, unit, message) => {
    const { violations } = judge('unit/a', unit, listed);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(message);
  });

  it('refuses a unit in which no test was run', () => {
    const { results: none } = parseOutput('Starting test server at port 33079\n');
    expect(judge('unit/c', none, listed).violations).toEqual(['unit/c: no test was run']);
    expect(judge('unit/c', none, listed, false).violations).toHaveLength(1);
  });

  it('keeps names with the separator and refuses lines without reason', () => {
    expect(parseExpectations('u :: a :: b :: reason')).toEqual([
      { unit: 'u', test: 'a :: b', reason: 'reason', mayPass: false },
    ]);
    expect(() => parseExpectations('u :: test')).toThrow('expected.txt:1');
  });
});

describe('the second try', () => {
  const listed = parseExpectations('unit/a :: listed :: why\n');

  function runOf(...outcomes: Parameters<typeof results>) {
    return { results: results(...outcomes), ignored: 0, seconds: 1 };
  }

  it('forgives what fails once, and says so', async () => {
    const subject = runOf(
      ['failed', 'one'],
      ['missing', 'two'],
      ['failed', WHOLE_UNIT],
      ['ok', 'x'],
    );
    const pairs = [{ unit: 'unit/a', subject, reference: undefined }];
    const again = runOf(['ok', 'one'], ['ok', 'two'], ['failed', 'x']);
    const lines = await tryAgain(pairs, listed, async () => again);
    expect(lines.map((line) => line.split(':')[1])).toEqual([
      ' "one" failed, and passed alone',
      ' "two" missing, and passed alone',
      ` "${WHOLE_UNIT}" failed, and passed alone`,
    ]);
    expect(judge('unit/a', subject.results, [], false).violations).toEqual([]);
  });

  it('forgives nothing else', async () => {
    const subject = runOf(
      ['failed', 'one'],
      ['crash', 'two'],
      ['timeout', 'three'],
      ['ok', 'listed'],
    );
    const pairs = [{ unit: 'unit/a', subject, reference: undefined }];
    const again = runOf(['failed', 'one'], ['ok', 'two'], ['ok', 'three'], ['failed', 'listed']);
    expect(await tryAgain(pairs, listed, async () => again)).toEqual([]);
    expect(judge('unit/a', subject.results, listed).violations).toHaveLength(4);
  });

  it('is for units that need one', async () => {
    const subject = runOf(['failed', 'listed'], ['ok', 'one']);
    const pairs = [{ unit: 'unit/a', subject, reference: undefined }];
    const units: string[] = [];
    const run = async (unit: string) => {
      units.push(unit);
      return subject;
    };
    expect(await tryAgain(pairs, listed, run)).toEqual([]);
    expect(units).toEqual([]);
  });
});

describe('runUnit', () => {
  /** A suite whose `runtest` is a shell script. */
  function fakeSuite(script: string): string {
    const dir = temporaryDirectory('suite');
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const path = join(dir, 'runtest');
    writeFileSync(path, `#!/bin/sh\n${script}`);
    chmodSync(path, 0o755);
    return dir;
  }

  function fakeHolder(isRunning: () => boolean) {
    const server = { host: '-', port: 1, isRunning, output: () => 'its last words' };
    const holder = { restarts: 0, current: () => server as unknown as Server, restart };
    async function restart(): Promise<void> {
      holder.restarts++;
    }
    return holder;
  }

  it('goes on after a test that hangs, and keeps it as a failure', async () => {
    const suite = fakeSuite(`
echo "[ok]: first (0 ms)"
case "$*" in
  *"--skiptest slow one"*) echo "[ok]: last (0 ms)" ;;
  *) echo "[TIMEOUT]: clients state report follows."; echo "sock1 => (IN PROGRESS) slow one" ;;
esac`);
    const holder = fakeHolder(() => true);
    const { results } = await runUnit('unit/x', { suite, basePort: 1 }, holder);
    expect(results.get('slow one')?.outcome).toBe('timeout');
    expect(results.get('last')?.outcome).toBe('ok');
    expect(holder.restarts).toBe(1);
  });

  it('is started again if it does not begin, and says what it said if it never does', async () => {
    const suite = fakeSuite(`
echo x >> starts
[ "$(wc -l < starts)" -ge 2 ] && [ "$1" = --host ] && echo "[ok]: first (0 ms)" || echo "no port is free"`);
    const holder = fakeHolder(() => true);
    const { results } = await runUnit('unit/x', { suite, basePort: 1 }, holder);
    expect([...results]).toEqual([['first', { outcome: 'ok', detail: '' }]]);
    const silent = fakeSuite('echo "no port is free"');
    const never = await runUnit('unit/x', { suite: silent, basePort: 1 }, holder);
    expect(never.results.get('(unit)')).toMatchObject({ outcome: 'failed' });
    expect(never.results.get('(unit)')?.detail).toContain('no port is free');
  });

  it('goes on after a test that ends the server', async () => {
    const suite = fakeSuite(`
case "$*" in
  *"--skiptest deadly"*) echo "[ok]: last (0 ms)" ;;
  *) echo "[err]: deadly in tests/unit/x.tcl"; echo "I/O error reading reply" ;;
esac`);
    let running = false;
    const holder = fakeHolder(() => running);
    const restart = holder.restart;
    holder.restart = async () => {
      running = true;
      await restart();
    };
    const { results } = await runUnit('unit/x', { suite, basePort: 1 }, holder);
    expect(results.get('deadly')).toMatchObject({ outcome: 'crash' });
    expect(results.get('deadly')?.detail).toContain('its last words');
    expect(results.get('last')?.outcome).toBe('ok');
  });
});
