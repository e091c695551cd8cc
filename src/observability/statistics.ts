/** Counters of the whole server, for INFO stats. */

import type { EventLoopWork, Rates, ServerStatistics } from '../commands/context.js';
import type { CommandTable } from '../commands/registry.js';
import { eventLoopWork, workSince } from './event-loop.js';

/** Scripts can make codes of their own: those that come when there are so many count in the sum only. */
const ERROR_CODES_MAX = 128;

/** The counters at the time of the last look. */
interface Sample {
  readonly at: number;
  readonly commands: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly work: EventLoopWork;
}

export class Statistics implements ServerStatistics {
  connectionsReceived = 0;
  connectionsRejected = 0;
  commandsProcessed = 0;
  bytesRead = 0;
  bytesWritten = 0;
  reads = 0;
  writes = 0;
  outputLimitDisconnections = 0;
  queryLimitDisconnections = 0;
  evictedClients = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  expiredFields = 0;
  expiryTimeCaps = 0;
  expiryMilliseconds = 0;
  commandMicroseconds = 0;
  errorReplies = 0;
  evictedKeys = 0;
  rates: Rates;
  peakMemory = 0;
  readonly errors = new Map<string, number>();
  readonly #commands: CommandTable;
  readonly #workNow: () => EventLoopWork;
  #sample: Sample;
  #workBefore: EventLoopWork;

  constructor(commands: CommandTable, work: () => EventLoopWork = eventLoopWork) {
    this.#commands = commands;
    this.#workNow = work;
    this.#workBefore = work();
    const eventLoop = workSince(this.#workBefore, this.#workBefore);
    this.rates = { commands: 0, bytesRead: 0, bytesWritten: 0, eventLoop };
    this.#sample = { at: 0, commands: 0, bytesRead: 0, bytesWritten: 0, work: this.#workBefore };
  }

  get eventLoop(): EventLoopWork {
    return workSince(this.#workBefore, this.#workNow());
  }

  /** To be called once a second. `now`: milliseconds that never go back; memory in bytes. */
  sample(now: number, usedMemory: number): void {
    const last = this.#sample;
    const { commandsProcessed: commands, bytesRead, bytesWritten } = this;
    const work = this.#workNow();
    const { cycles, microseconds } = workSince(last.work, work);
    const perSecond = (before: number, after: number): number =>
      Math.max(0, Math.round(((after - before) * 1000) / Math.max(1, now - last.at)));
    this.rates = {
      commands: perSecond(last.commands, commands),
      bytesRead: perSecond(last.bytesRead, bytesRead),
      bytesWritten: perSecond(last.bytesWritten, bytesWritten),
      eventLoop: {
        cycles: cycles === undefined ? undefined : perSecond(0, cycles),
        microseconds: perSecond(0, microseconds),
      },
    };
    this.#sample = { at: now, commands, bytesRead, bytesWritten, work };
    this.peakMemory = Math.max(this.peakMemory, usedMemory);
  }

  countError(text: string): void {
    const end = text.indexOf(' ');
    const code = end < 0 ? text : text.slice(0, end);
    const count = this.errors.get(code) ?? 0;
    this.errorReplies++;
    if (count > 0 || this.errors.size < ERROR_CODES_MAX) this.errors.set(code, count + 1);
  }

  reset(): void {
    this.connectionsReceived = 0;
    this.connectionsRejected = 0;
    this.commandsProcessed = 0;
    this.bytesRead = 0;
    this.bytesWritten = 0;
    this.reads = 0;
    this.writes = 0;
    this.outputLimitDisconnections = 0;
    this.queryLimitDisconnections = 0;
    this.evictedClients = 0;
    this.keyspaceHits = 0;
    this.keyspaceMisses = 0;
    this.expiredKeys = 0;
    this.expiredFields = 0;
    this.expiryTimeCaps = 0;
    this.expiryMilliseconds = 0;
    this.commandMicroseconds = 0;
    this.#workBefore = this.#workNow();
    this.errorReplies = 0;
    this.evictedKeys = 0;
    this.errors.clear();
    for (const command of this.#commands.all()) {
      Object.assign(command.statistics, { calls: 0, microseconds: 0, rejected: 0, failed: 0 });
      command.latencies = undefined;
    }
  }
}
