/** The requests that ran for longer than `slowlog.threshold_us`: a ring of the last `slowlog.max_length`. */

import type { Clock } from '../base/clock.js';
import type { Argument } from '../base/large-string.js';
import type { SlowLog, SlowRequest } from '../commands/context.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import { shownArguments } from './shown-arguments.js';

/** What is kept of a request, as in Redis: arguments, and bytes of each. */
const ARGUMENTS_MAX = 32;
const BYTES_MAX = 128;

export interface SlowLogOptions {
  /** Negative: nothing is noted. */
  readonly thresholdUs: number;
  readonly maxLength: number;
}

export interface NotedRequest {
  readonly command: ResolvedCommand;
  readonly args: readonly Argument[];
  readonly session: { readonly address: string; readonly name: string };
}

export class SlowRequests implements SlowLog {
  /** Live: CONFIG SET changes it. */
  readonly #options: SlowLogOptions;
  readonly #clock: Clock;
  /** Oldest first. */
  #requests: SlowRequest[] = [];
  #nextId = 0;

  constructor(options: SlowLogOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  get length(): number {
    return this.#requests.length;
  }

  newest(count: number): readonly SlowRequest[] {
    return this.#requests.slice(Math.max(0, this.#requests.length - count)).reverse();
  }

  reset(): () => void {
    const before = this.#requests;
    this.#requests = [];
    return () => {
      this.#requests = before;
    };
  }

  /** Whether a request that took this long is to be noted: the caller then calls `note`. */
  isSlow(microseconds: number): boolean {
    const { thresholdUs } = this.#options;
    return thresholdUs >= 0 && microseconds >= thresholdUs;
  }

  note({ command, args, session }: NotedRequest, microseconds: number): void {
    if (this.#options.maxLength === 0) return;
    this.#requests.push({
      id: this.#nextId++,
      at: this.#clock.now(),
      microseconds: Math.round(microseconds),
      argv: shortened(shownArguments(command, args)),
      address: session.address,
      clientName: session.name,
    });
    const surplus = this.#requests.length - this.#options.maxLength;
    if (surplus > 0) this.#requests.splice(0, surplus);
  }
}

function shortened(argv: readonly Argument[]): string[] {
  if (argv.length <= ARGUMENTS_MAX) return argv.map(shortenedArgument);
  const kept = argv.slice(0, ARGUMENTS_MAX - 1).map(shortenedArgument);
  return [...kept, `... (${argv.length - kept.length} more arguments)`];
}

function shortenedArgument(argument: Argument): string {
  if (argument.length <= BYTES_MAX) return String(argument);
  const text = typeof argument === 'string' ? argument : (argument.chunks[0] ?? '');
  return `${text.slice(0, BYTES_MAX)}... (${argument.length - BYTES_MAX} more bytes)`;
}
