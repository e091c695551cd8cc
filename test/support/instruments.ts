/** What a server measures and shows, and holds still: for tests that put one together without sockets. */

import type { Clock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import type { ConfigValues } from '../../src/config/options.js';
import { Pause } from '../../src/dispatch/pause.js';
import { SlowEvents } from '../../src/observability/latency-events.js';
import { Monitors } from '../../src/observability/monitors.js';
import { SlowRequests } from '../../src/observability/slow-log.js';

export function makeInstruments(clock: Clock, values: ConfigValues, logger: Logger) {
  return {
    slowLog: new SlowRequests(values.slowlog, clock),
    latency: new SlowEvents(clock),
    monitors: new Monitors(clock, logger),
    pause: new Pause(clock),
  };
}
