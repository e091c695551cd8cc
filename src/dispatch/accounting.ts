/** What is kept of requests that have run: statistics, latency, the logs of slow and large ones, MONITOR, ACL LOG. */

import { bytesOfArguments } from '../base/large-string.js';
import type { Denial, DenialContext } from '../commands/access-control.js';
import { clientLine } from '../commands/connection/client-info.js';
import type { ServerStatistics } from '../commands/context.js';
import type { RequestLogs } from '../commands/instruments.js';
import type { SlowEvents } from '../observability/latency-events.js';
import type { Monitors } from '../observability/monitors.js';
import type { RequestRing } from '../observability/request-log.js';
import { bytesAtHand, type Reply } from '../protocol/reply.js';
import type { Call, Request } from './request.js';

export interface AccountingParts {
  readonly statistics: ServerStatistics;
  readonly requestLogs: Readonly<Record<keyof RequestLogs, RequestRing>>;
  readonly latency: SlowEvents;
  readonly monitors: Monitors;
  /** Live: whether the times of commands are kept. */
  readonly tracking: { readonly latencyTracking: boolean };
}

export class Accounting {
  readonly #parts: AccountingParts;

  constructor(parts: AccountingParts) {
    this.#parts = parts;
  }

  /** Of a request that has its reply, for the reports on latency and on what is slow. */
  noteTime(request: Request, microseconds: number): void {
    const { latency, tracking } = this.#parts;
    const { slow } = this.#parts.requestLogs;
    const { command } = request;
    if (tracking.latencyTracking) command.noteTime(microseconds);
    if (microseconds >= latency.thresholdUs) {
      latency.note(command.isFast ? 'fast-command' : 'command', microseconds / 1000);
    }
    if (slow.accepts(microseconds) && !command.skipsSlowlog) slow.note(request, microseconds);
  }

  /** For COMMANDLOG: a request and its reply, if they are large. */
  noteSizes(request: Request, reply: Reply): void {
    const { requestLogs } = this.#parts;
    const received = bytesOfArguments(request.args);
    if (requestLogs['large-request'].accepts(received)) {
      this.#noteSize('large-request', request, received);
    }
    const sent = bytesAtHand(reply);
    if (requestLogs['large-reply'].accepts(sent)) this.#noteSize('large-reply', request, sent);
  }

  #noteSize(log: keyof RequestLogs, request: Request, bytes: number): void {
    if (!request.command.skipsSlowlog) this.#parts.requestLogs[log].note(request, bytes);
  }

  /** To clients of MONITOR. */
  show({ command, args, session }: Request, databaseIndex: number): void {
    if (!command.isMonitored) return;
    this.#parts.monitors.show({ command, args, databaseIndex, source: session.address });
  }

  /** A request that EXEC has run, or a script. */
  countCall(
    { request, error, denial, microseconds, hits, misses, databaseIndex }: Call,
    context: DenialContext,
  ): void {
    const { statistics } = this.#parts;
    const { command } = request;
    if (this.#parts.monitors.isOn) this.show(request, databaseIndex);
    command.statistics.calls++;
    statistics.commandsProcessed++;
    statistics.keyspaceHits += hits;
    statistics.keyspaceMisses += misses;
    command.statistics.microseconds += microseconds;
    this.noteTime(request, microseconds);
    if (error === undefined) return;
    command.statistics.failed++;
    this.noteDenial(request, denial, context);
    this.counted(error);
  }

  /** For ACL LOG. */
  noteDenial({ session }: Request, denial: Denial | undefined, context: DenialContext): void {
    if (denial === undefined) return;
    const { server } = session;
    server.access.log.note(denial, context, clientLine(session, server));
  }

  /** The error, counted among those that were sent. */
  counted(text: string): string {
    this.#parts.statistics.countError(text);
    return text;
  }
}
