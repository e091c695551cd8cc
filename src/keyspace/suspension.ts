/**
 * A task that is not done, and lets the event loop turn: a script or an EXEC that runs for long. What it has changed stays with it
 * until it goes on, and nobody else's task runs before it has ended, but for those that touch none of its keys, if it tells them.
 */

import type { KeyLocks } from './key-locks.js';

export interface Pause {
  /** Goes on, and returns what the task returns, or suspends it again. */
  readonly resume: () => unknown;
  /** Called in place of `resume` if the task cannot go on: what it had changed was undone. */
  readonly abandon: () => void;
  /** The keys that it has touched; undefined: nobody else may touch any. */
  readonly locks?: KeyLocks;
  /** The part of it, of which nothing is left, that goes on when what the fault asks for is there; undefined if none met one. */
  readonly faultyPart?: number | undefined;
}

/** Thrown by the task; whoever runs tasks resumes it later. */
class Suspension extends Error {
  pause: Pause | undefined;

  constructor() {
    super('a suspension that nobody handled');
  }

  /** What was thrown is on its way to whoever runs the task: a part of it that has others around itself adds what they do then. */
  wrap<T>(around: (resume: () => T) => unknown): never {
    const { pause } = this;
    if (pause === undefined) throw new Error('bug: nothing is suspended');
    this.pause = { ...pause, resume: () => around(pause.resume as () => T) };
    throw this;
  }

  /** To be called once for each time it was thrown. */
  take(): Pause {
    const { pause } = this;
    if (pause === undefined) throw new Error('bug: nothing is suspended');
    this.pause = undefined;
    return pause;
  }
}

/** Preallocated, as the fault is: there is one command thread, so there is one suspension at a time. */
export const suspension = new Suspension();

export function suspend(pause: Pause): never {
  suspension.pause = pause;
  throw suspension;
}
