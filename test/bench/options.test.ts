import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../native-free-bench/options.js';

function options(...argv: string[]) {
  const invocation = parseOptions(argv);
  if ('print' in invocation) throw new Error('printed');
  return invocation.options;
}

describe('parseOptions', () => {
  it('reads servers with and without a name', () => {
    const { targets } = options('--servers', '7000,localhost:7001,new=10.0.0.1:7002');
    expect(targets).toEqual([
      { name: '127.0.0.1:7000', host: '127.0.0.1', port: 7000 },
      { name: 'localhost:7001', host: 'localhost', port: 7001 },
      { name: 'new', host: '10.0.0.1', port: 7002 },
    ]);
  });

  it('reads lists', () => {
    const { workloads, pipelines } = options('--workload', 'get,incr', '--pipeline', '1,16');
    expect(workloads.map(({ name }) => name)).toEqual(['get', 'incr']);
    expect(pipelines).toEqual([1, 16]);
  });

  it.each([
    [['--servers', 'nowhere'], 'is not host:port'],
    [['--servers', '70000'], '--servers'],
    [['--workload', 'fly'], 'there are:'],
    [['--clients', '0'], '--clients: "0" is not a whole number from 1 to 10000'],
    [['--pipeline', '1,x'], '--pipeline'],
    [['--read-share', '1.5'], '--read-share'],
    [['--json', '--csv'], 'exclude'],
    [['--what'], '--what'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });

  it('prints help and the workloads', () => {
    expect(parseOptions(['--help'])).toHaveProperty('print', expect.stringContaining('--servers'));
    expect(parseOptions(['--list'])).toHaveProperty('print', expect.stringContaining('incr'));
  });
});
