/**
 * CLIENT PAUSE: requests that must wait are held before they run, and run as if they had come when the pause is over, in
 * the order in which they came.
 */

import type { Clock } from '../base/clock.js';
import type { ClientPause, PauseMode } from '../commands/instruments.js';
import type { Request } from './request.js';
import type { Session } from './session.js';

/** What setTimeout takes. Longer pauses are made of several. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** A pause has begun: the request is to be held, and to be run from its start. */
export class Postponed extends Error {}

export class Pause implements ClientPause {
  isOn = false;
  /** Called when a pause begins or ends. */
  onChange: (isOn: boolean) => void = () => undefined;
  readonly #clock: Clock;
  #mode: PauseMode = 'write';
  /** Of the monotonic clock. */
  #until = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Those who wait, in the order in which they began to. */
  readonly #held = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(milliseconds: number, mode: PauseMode): () => void {
    const before = { isOn: this.isOn, mode: this.#mode, until: this.#until };
    const until = this.#clock.monotonic() + milliseconds;
    this.#until = this.isOn ? Math.max(this.#until, until) : until;
    this.#mode = this.isOn && this.#mode === 'all' ? 'all' : mode;
    this.#start();
    return () => {
      this.#mode = before.mode;
      this.#until = before.until;
      if (before.isOn) this.#start();
      else this.end();
    };
  }

  end(): void {
    clearTimeout(this.#timer);
    if (!this.isOn) return;
    this.isOn = false;
    this.onChange(false);
    const held = [...this.#held];
    this.#held.clear();
    for (const release of held) release();
  }

  #start(): void {
    this.isOn = true;
    this.onChange(true);
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const left = this.#until - this.#clock.monotonic();
    const next = (): void => (left > TIMER_MS_MAX ? this.#arm() : this.end());
    this.#timer = setTimeout(next, Math.min(left, TIMER_MS_MAX)).unref();
  }

  /** @throws Postponed if the request must wait */
  check(request: Request): void {
    if (this.holds(request)) throw new Postponed();
  }

  /** Whether the pause that is on holds the request. */
  holds(request: Request): boolean {
    const { command, session } = request;
    if (this.#mode === 'all' || request.replicates) return true;
    return command.fullName === 'exec' && session.transaction.mayReplicate;
  }

  /** Until the pause is over. Never resolves if the client leaves before: nothing is done for it then. */
  wait(session: Session): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        session.blocked = undefined;
        resolve();
      };
      this.#held.add(release);
      session.blocked = {
        isPostponed: true,
        keys: undefined,
        isReleased: false,
        end: () => undefined,
        cancel: () => {
          this.#held.delete(release);
          session.blocked = undefined;
        },
      };
    });
  }
}
