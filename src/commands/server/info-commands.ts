/** Sections of INFO on what was asked of the server: commandstats, errorstats, latencystats. */

import type { ServerContext } from '../context.js';
import type { InfoFields } from './info-server.js';

export function commandFields({ commands }: ServerContext): InfoFields {
  return [...commands.all()]
    .filter(({ statistics: { calls, rejected, failed } }) => calls + rejected + failed > 0)
    .map(({ fullName, statistics }) => {
      const { calls, rejected, failed } = statistics;
      const usec = Math.round(statistics.microseconds);
      const each = (calls === 0 ? 0 : usec / calls).toFixed(2);
      const times = `calls=${calls},usec=${usec},usec_per_call=${each}`;
      return [`cmdstat_${fullName}`, `${times},rejected_calls=${rejected},failed_calls=${failed}`];
    });
}

export function errorFields({ statistics }: ServerContext): InfoFields {
  const sorted = [...statistics.errors].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([code, count]) => [`errorstat_${code}`, `count=${count}`]);
}

/** The percentiles that latency-tracking-info-percentiles asks for, in microseconds. */
export function latencyFields({ commands, config }: ServerContext): InfoFields {
  const percents = config.values.redis.latencyTrackingInfoPercentiles.split(' ').filter(Boolean);
  return [...commands.all()].flatMap(({ fullName, latencies }) => {
    if (latencies === undefined) return [];
    const shares = percents.map(
      (percent) => `p${percent}=${latencies.percentile(Number(percent)).toFixed(3)}`,
    );
    return [[`latency_percentiles_usec_${fullName}`, shares.join(',')] as const];
  });
}
