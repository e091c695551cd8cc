/** What the server shows of its work, and how it is held still: the contracts of MONITOR, LATENCY and CLIENT PAUSE. */

import type { Argument } from '../base/large-string.js';
import type { Client } from './context.js';
import type { ResolvedCommand } from './resolved-command.js';

/** A request as MONITOR shows it. */
export interface ShownRequest {
  readonly command: ResolvedCommand;
  readonly args: readonly Argument[];
  readonly databaseIndex: number;
  /** Where it came from: an address, or `lua` for what a script calls. */
  readonly source: string;
}

/** The clients to which MONITOR shows what runs. */
export interface MonitorFeed {
  /** Somebody is there to see: whoever runs a request then calls `show`. */
  readonly isOn: boolean;
  has(client: Client): boolean;
  add(client: Client): void;
  remove(client: Client): void;
  /** Each of its secrets as `(redacted)`. */
  show(request: ShownRequest): void;
}

/** A request that took or brought much, as SLOWLOG GET shows it. */
export interface LoggedRequest {
  /** Counted from 0 since the start. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Microseconds or bytes. */
  readonly value: number;
  /** Shortened: not all of many, not the whole of long ones. */
  readonly argv: readonly string[];
  readonly address: string;
  readonly clientName: string;
}

export interface RequestLog {
  readonly length: number;
  /** At most `count`, the newest first. */
  newest(count: number): readonly LoggedRequest[];
  /** Returns what undoes it. */
  reset(): () => void;
}

/** SLOWLOG's, and the others of COMMANDLOG. */
export interface RequestLogs {
  /** By the microseconds that they ran. */
  readonly slow: RequestLog;
  /** By the bytes of their arguments, and of their reply. */
  readonly 'large-request': RequestLog;
  readonly 'large-reply': RequestLog;
}

/** The greatest latency of an event in one second. */
export interface LatencySample {
  /** Seconds since 1970. */
  readonly at: number;
  /** Milliseconds. */
  readonly latency: number;
}

/** What LATENCY tells of one kind of event. */
export interface LatencyEvent {
  readonly name: string;
  /** Since the start, or LATENCY RESET, in milliseconds. */
  readonly greatest: number;
  /** Oldest first; never empty. */
  readonly samples: readonly LatencySample[];
}

/** The events that took at least `latency.threshold`. */
export interface LatencyEvents {
  /** What takes at least so many microseconds is to be noted; Infinity when nothing is. */
  readonly thresholdUs: number;
  note(event: string, milliseconds: number): void;
  /** In the order of their names. */
  all(): readonly LatencyEvent[];
  find(event: string): LatencyEvent | undefined;
  /** Forgets the events, or all; returns how many there were. */
  reset(events?: readonly string[]): number;
}

/** CLIENT PAUSE: requests are held until it ends, and nothing expires or is evicted meanwhile. */
export interface ClientPause {
  readonly isOn: boolean;
  /**
   * Holds all clients, or those that write, for so many milliseconds. A pause that is on is never made shorter or weaker
   * by another. Returns what undoes it.
   */
  begin(milliseconds: number, mode: PauseMode): () => void;
  /** Those who were held go on, in the order in which they came. */
  end(): void;
}

export type PauseMode = 'all' | 'write';
