/**
 * A request that is too much for one stretch: its parts run one after the other, each in a transaction of its own, and others
 * are served in between. Nothing that parts touch may be cold.
 */

import { DiskDbError } from '../base/errors.js';
import { yieldTurn } from '../base/yield-turn.js';
import type { KeyLocks } from '../keyspace/key-locks.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Reply } from '../protocol/reply.js';
import { type Pause, Postponed } from './pause.js';
import type { Request } from './request.js';

export class PartRun {
  /** For which the parts have run, in microseconds. */
  microseconds = 0;
  readonly #request: Request;
  readonly #keyspace: Keyspace;
  readonly #pause: Pause;
  /** A part is, because its group could not be written: what it has sent did not leave. */
  #isUndone = false;

  constructor(request: Request, keyspace: Keyspace, pause: Pause) {
    this.#request = request;
    this.#keyspace = keyspace;
    this.#pause = pause;
  }

  /** The reply of the last part. @throws what a part throws, and then the others do not run */
  async run(): Promise<Reply> {
    const { session } = this.#request;
    const parts = [...session.takeParts()];
    let reply: Reply = '';
    for (const [index, args] of parts.entries()) {
      await yieldTurn();
      reply = await this.#runPart(this.#request.partOf(args));
      parts.push(...session.takeParts());
      if (index < parts.length - 1) session.replied();
    }
    return reply;
  }

  async #runPart(part: Request): Promise<Reply> {
    const { runner } = this.#keyspace;
    const run = (): Reply => this.#attempt(part);
    const runsBeside = (locks: KeyLocks): boolean => part.runsBeside(locks);
    for (;;) {
      try {
        if (runner.isBlocked && part.command.allowedBusy) return runner.runBeside({ run });
        return await runner.run({ run, runsBeside });
      } catch (error) {
        if (!(error instanceof Postponed)) throw error;
        await this.#pause.wait(part.session);
      }
    }
  }

  #attempt(part: Request): Reply {
    const { transaction, clock } = this.#keyspace;
    // Its subscriptions have ended: another one would be counted, and nobody would get its messages.
    if (part.session.isDetached) return '';
    if (this.#isUndone) throw new DiskDbError('LOG_FAILED', 'a part of the request was undone');
    const start = clock.monotonic();
    const reply = part.run();
    transaction.onUndo(() => {
      this.#isUndone = true;
    });
    this.microseconds += (clock.monotonic() - start) * 1000;
    return reply;
  }
}
