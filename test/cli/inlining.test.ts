import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { inliningFlagsFor } from '../../src/cli/inlining.js';

const MB = 1024 * 1024;

describe('V8 inlines more', () => {
  const flags = inliningFlagsFor(128 * MB, []);

  test('by flags that it knows', () => {
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    expect(flags.length).toBeGreaterThan(0);
    for (const flag of flags) expect(known).toContain(`${flag.split('=')[0]} (`);
  });

  test('unless the cache is so small that machine code counts', () => {
    expect(inliningFlagsFor(64 * MB, [])).toEqual([]);
  });

  test.each(['--max-inlined-bytecode-size=500', '--max_inlined_bytecode_size_cumulative=500'])(
    'unless %s was chosen by hand',
    (flag) => {
      expect(inliningFlagsFor(128 * MB, [flag])).toEqual([]);
    },
  );
});
