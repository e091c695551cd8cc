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
