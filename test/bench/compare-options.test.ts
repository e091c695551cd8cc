import { describe, expect, it } from 'vitest';
import { compareProgram } from '../../native-free-bench/compare-options.js';

function options(...argv: string[]): object {
  return compareProgram()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parse(argv, { from: 'user' })
    .opts();
}

describe('the flags of bench:compare', () => {
  it('have defaults', () => {
    const [sync, rounds, cacheSize] = ['interval', 5, '256MB'];
    const tests = ['GET', 'SET', 'INCR'];
    expect(options()).toEqual({ tests, sync, rounds, pipeline: [1, 16], cacheSize });
  });

  it('are read', () => {
    const given = options('--sync', 'always', '--rounds', '3', '--pipeline', '8,32');
    expect(given).toMatchObject({ sync: 'always', rounds: 3, pipeline: [8, 32] });
    expect(options('--tests', 'lpush,XADD')).toMatchObject({ tests: ['LPUSH', 'XADD'] });
  });

  it.each([
    ['--sync', 'often'],
    ['--tests', 'get,what'],
    ['--rounds', '0'],
    ['--pipeline', '1,x'],
    ['--what', 'x'],
  ])('refuse %s %s', (...argv) => {
    expect(() => options(...argv)).toThrow(argv[0]);
  });

  it('are shown by --help', () => {
    const help = compareProgram().helpInformation();
    for (const flag of ['--sync <policy>', '--rounds', '--pipeline', '--tests', '--help']) {
      expect(help).toContain(flag);
    }
  });
});
