/** What the event loop of the command thread has done, as Node counts it. */

import type { EventLoopWork } from '../commands/context.js';

const MICROSECONDS = 1000;

/** Node has counted turns of the loop since 20.18. */
type Timing = Omit<typeof performance.nodeTiming, 'uvMetricsInfo'> & {
  readonly uvMetricsInfo?: { readonly loopCount: number };
};

/** Since the start of the process. */
export function eventLoopWork(): EventLoopWork {
  const timing: Timing = performance.nodeTiming;
  return {
    cycles: timing.uvMetricsInfo?.loopCount,
    microseconds: performance.eventLoopUtilization().active * MICROSECONDS,
  };
}

/** What came in between. */
export function workSince(before: EventLoopWork, after: EventLoopWork): EventLoopWork {
  const { cycles } = after;
  return {
    cycles: cycles === undefined ? undefined : cycles - (before.cycles ?? 0),
    microseconds: after.microseconds - before.microseconds,
  };
}
