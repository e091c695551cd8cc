/** Requests that took or brought more than a threshold (slow ones, large ones, those with large replies): the last of them. */

import type { Clock } from '../base/clock.js';
import type { Argument } from '../base/large-string.js';
import type { LoggedRequest, RequestLog } from '../commands/instruments.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { Config } from '../config/config.js';
import { shownArguments } from './shown-arguments.js';

/** What is kept of a request, as in Redis: arguments, and bytes of each. */
const ARGUMENTS_MAX = 32;
const BYTES_MAX = 128;

export interface NotedRequest {
  readonly command: ResolvedCommand;
  readonly args: readonly Argument[];
  readonly session: { readonly address: string; readonly name: string };
}

export class RequestRing implements RequestLog {
  #threshold: number;
  #maxLength: number;
  readonly #clock: Clock;
  /** Oldest first. */
  #requests: LoggedRequest[] = [];
  #nextId = 0;

  /** A threshold below zero notes nothing. */
  constructor(threshold: number, maxLength: number, clock: Clock) {
    this.#threshold = threshold;
    this.#maxLength = maxLength;
    this.#clock = clock;
  }

  readonly setThreshold = (threshold: number): void => {
    this.#threshold = threshold;
  };

  readonly setMaxLength = (maxLength: number): void => {
    this.#maxLength = maxLength;
  };

  get length(): number {
    return this.#requests.length;
  }

  newest(count: number): readonly LoggedRequest[] {
    return this.#requests.slice(Math.max(0, this.#requests.length - count)).reverse();
  }

  reset(): () => void {
    const before = this.#requests;
    this.#requests = [];
    return () => {
      this.#requests = before;
    };
  }

  /** Whether a request with this value is to be noted: the caller then calls `note`. */
  accepts(value: number): boolean {
    return this.#threshold >= 0 && value >= this.#threshold;
  }

  note({ command, args, session }: NotedRequest, value: number): void {
    if (this.#maxLength === 0) return;
    this.#requests.push({
      id: this.#nextId++,
      at: this.#clock.now(),
      value: Math.round(value),
      argv: shortened(shownArguments(command, args)),
      address: session.address,
      clientName: session.name,
    });
    const surplus = this.#requests.length - this.#maxLength;
    if (surplus > 0) this.#requests.splice(0, surplus);
  }
}

/** What COMMANDLOG knows. The values are microseconds, bytes of the arguments, and bytes of the reply. */
export function makeRequestLogs(config: Config, clock: Clock) {
  const { slowlog, commandlog } = config.values;
  const slow = new RequestRing(slowlog.thresholdUs, slowlog.maxLength, clock);
  const { requestBytes, requestMaxLength, replyBytes, replyMaxLength } = commandlog;
  const largeRequest = new RequestRing(requestBytes, requestMaxLength, clock);
  const largeReply = new RequestRing(replyBytes, replyMaxLength, clock);
  config.onChange('slowlog.thresholdUs', slow.setThreshold);
  config.onChange('slowlog.maxLength', slow.setMaxLength);
  config.onChange('commandlog.requestBytes', largeRequest.setThreshold);
  config.onChange('commandlog.requestMaxLength', largeRequest.setMaxLength);
  config.onChange('commandlog.replyBytes', largeReply.setThreshold);
  config.onChange('commandlog.replyMaxLength', largeReply.setMaxLength);
  return { slow, 'large-request': largeRequest, 'large-reply': largeReply };
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
