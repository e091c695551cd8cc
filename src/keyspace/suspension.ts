/**
 * A task that is not done, and lets the event loop turn: a script that runs for long. What it has changed stays with it
 * until it goes on, and nobody else's task runs before it has ended.
 */

/** Thrown by the task; whoever runs tasks calls `resume` later, which returns the result or throws again. */
class Suspension extends Error {
  /** Goes on, and returns what the task returns. */
  resume: () => unknown = notSet;
  /** Called in place of `resume` if the task cannot go on: what it had changed was undone. */
  abandon: () => void = notSet;

  constructor() {
    super('a suspension that nobody handled');
  }
}

function notSet(): never {
  throw new Error('bug: nothing is suspended');
}

/** Preallocated, as the fault is: there is one command thread, so there is one suspension at a time. */
export const suspension = new Suspension();

/** Runs a step of a task and then what follows from its result, be it after a suspension. */
export function whenDone<T, U>(step: () => T, then: (result: T) => U): U {
  let result: T;
  try {
    result = step();
  } catch (error) {
    if (error === suspension) {
      const resume = suspension.resume as () => T;
      suspension.resume = () => whenDone(resume, then);
    }
    throw error;
  }
  return then(result);
}
