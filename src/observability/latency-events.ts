/** Events that took long, as LATENCY reports them: of each kind the last samples, at most one a second. */

import type { Clock } from '../base/clock.js';
import type { LatencyEvent, LatencyEvents, LatencySample } from '../commands/instruments.js';

/** Samples that are kept of a kind of event, as in Redis. */
const SAMPLES_MAX = 160;

interface Events extends LatencyEvent {
  greatest: number;
  readonly samples: LatencySample[];
}

export class SlowEvents implements LatencyEvents {
  thresholdUs = Number.POSITIVE_INFINITY;
  readonly #clock: Clock;
  readonly #events = new Map<string, Events>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** 0 notes nothing. */
  setThreshold(milliseconds: number): void {
    this.thresholdUs = milliseconds === 0 ? Number.POSITIVE_INFINITY : milliseconds * 1000;
  }

  note(name: string, milliseconds: number): void {
    if (milliseconds * 1000 < this.thresholdUs) return;
    const latency = Math.floor(milliseconds);
    const at = Math.floor(this.#clock.now() / 1000);
    const event = this.#eventsOf(name);
    event.greatest = Math.max(event.greatest, latency);
    const { samples } = event;
    const last = samples[samples.length - 1];
    if (last?.at !== at) samples.push({ at, latency });
    else if (last.latency < latency) samples[samples.length - 1] = { at, latency };
    if (samples.length > SAMPLES_MAX) samples.shift();
  }

  #eventsOf(name: string): Events {
    const known = this.#events.get(name);
    if (known !== undefined) return known;
    const events: Events = { name, greatest: 0, samples: [] };
    this.#events.set(name, events);
    return events;
  }

  all(): readonly LatencyEvent[] {
    return [...this.#events.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(event: string): LatencyEvent | undefined {
    return this.#events.get(event);
  }

  reset(events: readonly string[] = [...this.#events.keys()]): number {
    return events.filter((event) => this.#events.delete(event)).length;
  }
}
