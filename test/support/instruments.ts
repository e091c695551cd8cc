/** What a server measures and shows, and holds still: for tests that put one together without sockets. */

import type { Clock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import type { Config } from '../../src/config/config.js';
import { Pause } from '../../src/dispatch/pause.js';
import { SlowEvents } from '../../src/observability/latency-events.js';
import { Monitors } from '../../src/observability/monitors.js';
import { makeRequestLogs } from '../../src/observability/request-log.js';

export function makeInstruments(clock: Clock, config: Config, logger: Logger) {
  return {
    requestLogs: makeRequestLogs(config, clock),
    latency: new SlowEvents(clock),
    monitors: new Monitors(clock, logger),
    pause: new Pause(clock),
  };
}
