/** Clients that watch what runs (MONITOR): each request becomes one line, which all of them get. */

import type { Clock } from '../base/clock.js';
import type { Argument } from '../base/large-string.js';
import type { Logger } from '../base/log.js';
import { quoted } from '../base/quoted.js';
import type { Client } from '../commands/context.js';
import type { MonitorFeed, ShownRequest } from '../commands/instruments.js';
import { shownArguments } from './shown-arguments.js';

/** A client for which so much waits does not keep up: what runs does not slow down for it. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;
/** Of a longer argument the rest is left out: it would be copied for people who do not read it. */
const ARGUMENT_BYTES_MAX = 16 * 1024;

export class Monitors implements MonitorFeed {
  isOn = false;
  readonly #clients = new Set<Client>();
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  has(client: Client): boolean {
    return this.#clients.has(client);
  }

  add(client: Client): void {
    this.#clients.add(client);
    this.isOn = true;
  }

  remove(client: Client): void {
    this.#clients.delete(client);
    this.isOn = this.#clients.size > 0;
  }

  show(request: ShownRequest): void {
    const line = lineOf(request, this.#clock.now());
    for (const client of this.#clients) {
      if (client.outputBytes <= WAITING_BYTES_MAX) client.deliver(line);
      else this.#drop(client);
    }
  }

  #drop(client: Client): void {
    this.remove(client);
    client.disconnect();
    this.#logger.warn(
      { address: client.address },
      'a client of MONITOR was too slow: disconnected',
    );
  }
}

/** As redis-cli knows it: `+1700000000.123000 [0 127.0.0.1:50000] "get" "key"`. */
function lineOf({ command, args, databaseIndex, source }: ShownRequest, now: number): string {
  const shown = shownArguments(command, args).map((argument) => quoted(shortened(argument)));
  const seconds = Math.floor(now / 1000);
  const microseconds = String(Math.round((now % 1000) * 1000)).padStart(6, '0');
  return `+${seconds}.${microseconds} [${databaseIndex} ${source}] ${shown.join(' ')}\r\n`;
}

function shortened(argument: Argument): string {
  if (argument.length <= ARGUMENT_BYTES_MAX) return String(argument);
  const start = typeof argument === 'string' ? argument : (argument.chunks[0] ?? '');
  const left = argument.length - ARGUMENT_BYTES_MAX;
  return `${start.slice(0, ARGUMENT_BYTES_MAX)}... (${left} more bytes)`;
}
