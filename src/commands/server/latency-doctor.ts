/** LATENCY DOCTOR: what took long, and what can be done about it. */

import type { ServerContext } from '../context.js';
import type { LatencyEvent } from '../instruments.js';

/** What helps against a kind of event. */
const ADVICE: Readonly<Record<string, string>> = {
  command:
    'SLOWLOG shows which commands ran for long. Those whose cost grows with the size of a key (KEYS, SMEMBERS, ' +
    'SORT, scripts …) hold up every other client: SCAN and its kin go step by step.',
  'fast-command':
    'Even commands of constant cost were slow: the machine has no processor to spare, or it swaps.',
  'expire-cycle':
    'Many keys expire at the same time: some chance in their times to live spreads the work.',
  'expire-del':
    'Keys were found expired by many requests at once: some chance in their times to live spreads the work.',
  'eviction-cycle':
    'Keys are deleted because of maxmemory, and those that are on the disk only are looked for there: a larger ' +
    'maxmemory, or fewer writes. maxmemory-eviction-tenacity says how long a request waits for it.',
  'eviction-del': 'Deleting a single key because of maxmemory took long: the machine is busy.',
  'cache-eviction': 'The cache changes quickly: a larger cache_size leaves less to evict.',
  'log-write':
    'Writing the log takes long: the disk is busy, or slow. Its own disk for `dir` helps.',
  'log-sync':
    'Forcing the log to the disk takes long. `persistence.sync: interval` does so beside the requests.',
  fold: 'Folding the log into the store takes long: the disk is slow for what is written.',
};

export function latencyDiagnosis({ latency }: ServerContext): string {
  if (latency.thresholdUs === Number.POSITIVE_INFINITY) {
    return (
      'Latencies are not watched. CONFIG SET latency-monitor-threshold <milliseconds> begins it: ' +
      'whatever takes at least that long is noted.\n'
    );
  }
  const events = latency.all();
  if (events.length === 0) {
    return 'Nothing took as long as latency-monitor-threshold: there is no latency to worry about.\n';
  }
  return `${[...events.map(eventText), ...adviceFor(events)].join('\n')}\n`;
}

function eventText({ name, samples, greatest }: LatencyEvent, index: number): string {
  const latencies = samples.map((sample) => sample.latency);
  const mean = latencies.reduce((sum, value) => sum + value, 0) / latencies.length;
  const deviation =
    latencies.reduce((sum, value) => sum + Math.abs(value - mean), 0) / latencies.length;
  return (
    `${index + 1}. ${name}: ${latencies.length} spikes (average ${mean.toFixed(0)} ms, mean deviation ` +
    `${deviation.toFixed(0)} ms, every ${periodOf({ samples })} s). The worst took ${greatest} ms.`
  );
}

/** Seconds between two samples, on average. */
function periodOf({ samples }: Pick<LatencyEvent, 'samples'>): string {
  const [first, last] = [samples[0], samples[samples.length - 1]];
  if (first === undefined || last === undefined || samples.length < 2) return '-';
  return ((last.at - first.at) / (samples.length - 1)).toFixed(1);
}

function adviceFor(events: readonly LatencyEvent[]): readonly string[] {
  const advice = events.map(({ name }) => ADVICE[name]).filter((text) => text !== undefined);
  return advice.length === 0 ? [] : ['', ...advice.map((text) => `- ${text}`)];
}
