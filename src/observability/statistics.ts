/** Counters of the whole server, for INFO stats. */

import type { ServerStatistics } from '../commands/context.js';
import type { CommandTable } from '../commands/registry.js';

export class Statistics implements ServerStatistics {
  connectionsReceived = 0;
  connectionsRejected = 0;
  commandsProcessed = 0;
  bytesRead = 0;
  bytesWritten = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  readonly errors = new Map<string, number>();
  readonly #commands: CommandTable;

  constructor(commands: CommandTable) {
    this.#commands = commands;
  }

  reset(): void {
    this.connectionsReceived = 0;
    this.connectionsRejected = 0;
    this.commandsProcessed = 0;
    this.bytesRead = 0;
    this.bytesWritten = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.expiredKeys = 0;
    this.errors.clear();
    for (const { statistics } of this.#commands.all()) {
      Object.assign(statistics, { calls: 0, microseconds: 0, rejected: 0, failed: 0 });
    }
  }
}
