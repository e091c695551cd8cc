import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Measurement, measureAll, type Observer } from '../../native-free-bench/measure.js';
import { type Options, parseOptions } from '../../native-free-bench/options.js';
import { formatReport, median } from '../../native-free-bench/report.js';
import { WORKLOADS } from '../../native-free-bench/workload.js';

/** Answers every request with the same reply, and remembers the requests' first words and keys. */
class EchoServer {
  readonly commands = new Map<string, number>();
  readonly #server: Server;
  port = 0;

  constructor(reply: string) {
    this.#server = createServer((socket) => {
      socket.setEncoding('latin1');
      socket.on('error', () => socket.destroy());
      socket.on('data', (text) => {
        // Requests of these tests are small and start with `*`, which no argument contains.
        const names = [...String(text).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)];
        for (const [, name = ''] of names) {
          this.commands.set(name, (this.commands.get(name) ?? 0) + 1);
        }
        socket.write(reply.repeat(names.length));
      });
    });
  }

  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (typeof address === 'object' && address !== null) this.port = address.port;
        resolve();
      });
    });
  }

  close(): void {
    this.#server.close();
  }
}

function optionsFor(argv: string[]): Options {
  const invocation = parseOptions(argv);
  if ('print' in invocation) throw new Error('printed');
  return invocation.options;
}

function countingObserver(): Observer & { replies: number; stages: string[] } {
  return {
    replies: 0,
    stages: [],
    started(stage) {
      this.stages.push(stage.label);
    },
    answered(replies) {
      this.replies += replies;
    },
    finished() {
      this.stages.push('end');
    },
  };
}

describe('measureAll', () => {
  const good = new EchoServer('+OK\r\n');
  const bad = new EchoServer('-ERR nothing works\r\n');
  beforeAll(() => Promise.all([good.open(), bad.open()]));
  afterAll(() => {
    good.close();
    bad.close();
  });

  async function run(...argv: string[]): Promise<{ results: Measurement[]; options: Options }> {
    const size = ['--requests', '400', '--rounds', '3', '--clients', '4', '--key-range', '100'];
    const options = optionsFor([...size, ...argv]);
    return { results: await measureAll(options, countingObserver()), options };
  }

  it('sends what was asked, in rounds that change their order', async () => {
    const argv = ['--workload', 'set', '--pipeline', '1,8', '--requests', '400', '--rounds', '2'];
    const servers = ['--servers', `a=${good.port},b=${good.port}`, '--clients', '4'];
    const observer = countingObserver();
    const results = await measureAll(optionsFor([...argv, ...servers]), observer);
    expect(results.map((one) => [one.target.name, one.pipeline, one.rates.length])).toEqual([
      ['a', 1, 2],
      ['b', 1, 2],
      ['a', 8, 2],
      ['b', 8, 2],
    ]);
    expect(results.map((one) => one.latencies.count)).toEqual([800, 800, 800, 800]);
    expect(observer.replies).toBe(3200);
    const order = observer.stages.filter((stage) => stage !== 'end').map((stage) => stage.at(-1));
    expect(order.join('')).toBe('abbaabba');
  });

  it.each(WORKLOADS.filter(({ name }) => !/large|getrange/.test(name)).map(({ name }) => name))(
    'runs the workload %s',
    async (name) => {
      const { results } = await run('--servers', `${good.port}`, '--workload', name);
      expect(results[0]?.errors).toBe(0);
      expect(results[0]?.latencies.count).toBe(1200);
    },
  );

  it('counts errors and tells the first', async () => {
    const { results, options } = await run('--servers', `${bad.port}`, '--workload', 'set');
    expect(results[0]?.errors).toBe(1200);
    expect(formatReport(results, options)).toContain('-ERR nothing works');
  });

  it('stops when the keys to read cannot be written', async () => {
    await expect(run('--servers', `${bad.port}`, '--workload', 'get')).rejects.toThrow('preload');
  });

  it('authenticates first, and stops when that is refused', async () => {
    good.commands.clear();
    await run('--servers', `${good.port}`, '--workload', 'ping', '--password', 'p');
    expect(good.commands.get('AUTH')).toBe(12);
    const refused = run('--servers', `${bad.port}`, '--workload', 'ping', '--password', 'p');
    await expect(refused).rejects.toThrow('AUTH: -ERR nothing works');
  });

  it('fails clearly when nobody listens', async () => {
    await expect(run('--servers', '1', '--workload', 'ping')).rejects.toThrow('cannot connect');
  });

  it('reports tables, JSON and CSV', async () => {
    const { results, options } = await run('--servers', `x=${good.port}`, '--workload', 'incr');
    expect(formatReport(results, options)).toMatch(/\| incr +\| 1 +\| x +\| +[\d,]+ \| +1\.00 \|/);
    const json = JSON.parse(formatReport(results, { ...options, format: 'json' }));
    expect(json.results[0]).toMatchObject({ workload: 'incr', server: 'x', ratio: 1, errors: 0 });
    const csv = formatReport(results, { ...options, format: 'csv' })
      .trimEnd()
      .split('\n');
    expect(csv).toHaveLength(2);
    expect(csv[0]?.split(',')).toHaveLength(csv[1]?.split(',').length ?? 0);
  });
});

describe('median', () => {
  it('takes the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});
