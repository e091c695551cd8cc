/** LATENCY and what feeds it: events above the threshold, and how the times of commands are distributed. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { isVisited, unvisited } from '../../src/keyspace/usage.js';
import type { SlowEvents } from '../../src/observability/latency-events.js';
import { settled } from '../keyspace/world.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply } from '../support/decode-reply.js';

let harness: CommandHarness;
let events: SlowEvents;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups);
  events = harness.server.latency as SlowEvents;
});

afterEach(() => harness.close());

async function run(...args: readonly string[]): Promise<unknown> {
  return decodeReply(Buffer.from(await harness.run(...args), 'latin1'));
}

/** Each request takes so long from now on: a look at the clock moves it. */
function slowDown(milliseconds: number): void {
  const { clock } = harness;
  clock.monotonic = () => {
    clock.milliseconds += milliseconds;
    return clock.milliseconds;
  };
}

describe('events', () => {
  test('commands, fast ones apart, with the time of each second', async () => {
    events.setThreshold(100);
    slowDown(200);
    await run('GET', 'k');
    await run('KEYS', '*');
    const latest = (await run('LATENCY', 'LATEST')) as unknown[][];
    expect(latest.map(([name]) => name)).toEqual(['command', 'fast-command']);
    for (const [, at, last, greatest] of latest) {
      expect(Number(at)).toBeGreaterThanOrEqual(1_700_000_000);
      expect(Number(last)).toBeGreaterThanOrEqual(200);
      expect(greatest).toBe(last);
    }
    const history = (await run('LATENCY', 'HISTORY', 'command')) as unknown[][];
    expect(history[0]).toHaveLength(2);
    expect(await run('LATENCY', 'RESET', 'command')).toBe(1);
    // The look at the history itself was slow, too.
    expect(await run('LATENCY', 'RESET')).toBeGreaterThan(0);
  });

  test('GRAPH draws them', async () => {
    events.setThreshold(1);
    for (const latency of [10, 20, 40, 80]) {
      events.note('fold', latency);
      harness.clock.milliseconds += 5000;
    }
    expect(await run('LATENCY', 'GRAPH', 'fold')).toBe(
      [
        'fold - high 80 ms, low 10 ms (all time high 80 ms)',
        '-'.repeat(80),
        '   #',
        '   |',
        '  #|',
        '_o||',
        '',
        '2115',
        '050s',
        'sss',
        '',
      ].join('\n'),
    );
  });

  test('DOCTOR says what is so', async () => {
    const doctor = () => run('LATENCY', 'DOCTOR');
    expect(await doctor()).toContain('CONFIG SET latency-monitor-threshold');
    events.setThreshold(10);
    expect(await doctor()).toContain('no latency to worry about');
    events.note('fold', 20);
    harness.clock.milliseconds += 4000;
    events.note('fold', 40);
    const text = await doctor();
    expect(text).toContain(
      '1. fold: 2 spikes (average 30 ms, mean deviation 10 ms, every 4.0 s). The worst took 40 ms.',
    );
    expect(text).toContain('- Folding the log into the store takes long');
  });
});

describe('HISTOGRAM', () => {
  test('counts the calls of each command, and a container is its subcommands', async () => {
    await run('CONFIG', 'RESETSTAT');
    await run('CLIENT', 'ID');
    await run('CLIENT', 'GETNAME');
    await run('GET', 'k');
    await run('GET', 'k');
    const all = (await run('LATENCY', 'HISTOGRAM')) as unknown[];
    expect(all.filter((_, place) => place % 2 === 0).sort()).toEqual([
      'client|getname',
      'client|id',
      'config|resetstat',
      'get',
    ]);
    expect(await run('LATENCY', 'HISTOGRAM', 'GET', 'nosuch')).toEqual([
      'get',
      ['calls', 2, 'histogram_usec', [1, 2]],
    ]);
    expect(await run('LATENCY', 'HISTOGRAM', 'client')).toHaveLength(4);
    expect(await run('LATENCY', 'HISTOGRAM', 'client|id')).toHaveLength(2);
  });

  test('a blocked request counts once, when it has its reply; those of a transaction each', async () => {
    const client = harness.connect();
    void client.run('BLPOP', 'l', '0');
    await settled();
    expect(await run('LATENCY', 'HISTOGRAM', 'blpop')).toEqual([]);
    await run('MULTI');
    await run('RPUSH', 'l', 'a');
    await run('EXEC');
    await settled();
    expect(harness.commands.find('blpop')?.latencies?.total).toBe(1);
    expect(harness.commands.find('rpush')?.latencies?.total).toBe(1);
    expect(harness.commands.find('exec')?.latencies?.total).toBe(1);
  });

  test('refused requests do not count, and nothing does when latency-tracking is off', async () => {
    await run('CONFIG', 'SET', 'latency-tracking', 'no');
    await run('GET', 'k');
    await run('CONFIG', 'SET', 'latency-tracking', 'yes');
    await run('GET');
    expect(await run('LATENCY', 'HISTOGRAM', 'get')).toEqual([]);
    expect(await run('INFO', 'latencystats')).not.toContain('usec_get');
    await run('GET', 'k');
    await run('CONFIG', 'SET', 'latency-tracking-info-percentiles', '0.0 50.0 100.0');
    expect(await run('INFO', 'latencystats')).toContain(
      'latency_percentiles_usec_get:p0=0.001,p50=0.001,p100=0.001\r\n',
    );
  });
});

describe('clients', () => {
  test('CLIENT KILL MAXAGE spares the young', async () => {
    const old = harness.connect();
    harness.clock.milliseconds += 10_000;
    const young = harness.connect();
    expect(await run('CLIENT', 'KILL', 'MAXAGE', '5')).toBe(1);
    expect([old.ended, young.ended]).toEqual(['killed', undefined]);
    expect(await harness.run('CLIENT', 'KILL', 'MAXAGE', '0')).toContain('greater than 0');
    expect(await harness.run('CLIENT', 'KILL', 'MAXAGE', 'x')).toContain('not an integer');
  });

  test('CLIENT NO-TOUCH leaves no traces, but for TOUCH', async () => {
    await run('SET', 'k', 'v');
    const entry = harness.keyspace.database(0).entry('k');
    const used = async (...args: readonly string[]): Promise<boolean> => {
      if (entry !== undefined) entry.usage = unvisited(entry.usage);
      await run(...args);
      return isVisited(entry?.usage ?? 0);
    };
    expect(await used('GET', 'k')).toBe(true);
    await run('CLIENT', 'NO-TOUCH', 'on');
    expect(await used('GET', 'k')).toBe(false);
    expect(await used('TOUCH', 'k')).toBe(true);
    await run('CLIENT', 'NO-TOUCH', 'off');
    expect(await used('GET', 'k')).toBe(true);
  });
});

describe('COMMANDLOG', () => {
  async function logged(type: string): Promise<readonly unknown[]> {
    const entries = (await run('COMMANDLOG', 'GET', '-1', type)) as unknown[][];
    return entries.map(([, , value, argv]) => [(argv as string[])[0], value]);
  }

  test('has requests with large arguments, and those with large replies', async () => {
    await run('CONFIG', 'SET', 'commandlog-request-larger-than', '100');
    await run('CONFIG', 'SET', 'commandlog-reply-larger-than', '200');
    await run('SET', 'k', 'v'.repeat(300));
    await run('GET', 'k');
    await run('GET', 'nothing');
    await run('SET', 'large', 'v'.repeat(100_000));
    await run('GET', 'large');
    expect(await logged('large-request')).toEqual([
      ['SET', 100_008],
      ['SET', 304],
    ]);
    // The reply that has told of the others was large, too.
    expect((await logged('LARGE-REPLY')).slice(-2)).toEqual([
      ['GET', 100_011],
      ['GET', 308],
    ]);
    expect(await run('COMMANDLOG', 'LEN', 'large-request')).toBe(2);
    expect(await run('COMMANDLOG', 'RESET', 'large-request')).toBe('OK');
    expect(await run('COMMANDLOG', 'LEN', 'large-request')).toBe(0);
  });

  test('a blocked request is judged by the reply that it gets', async () => {
    await run('CONFIG', 'SET', 'commandlog-reply-larger-than', '50');
    void harness.connect().run('BLPOP', 'l', '0');
    await settled();
    await run('RPUSH', 'l', 'v'.repeat(100));
    await settled();
    expect(await logged('large-reply')).toEqual([['BLPOP', 119]]);
  });

  test('is SLOWLOG by another name, and refuses what is no log', async () => {
    await run('CONFIG', 'SET', 'commandlog-execution-slower-than', '0');
    await run('SLOWLOG', 'RESET');
    await run('PING');
    expect((await logged('slow')).map((entry) => (entry as unknown[])[0])).toEqual([
      'PING',
      'SLOWLOG',
    ]);
    expect(await run('CONFIG', 'GET', 'slowlog-log-slower-than')).toEqual([
      'slowlog-log-slower-than',
      '0',
    ]);
    for (const type of ['fast', '__proto__']) {
      expect(await harness.run('COMMANDLOG', 'LEN', type)).toContain('-ERR type should be one of');
    }
  });
});
