/**
 * Requests to another thread whose answers the caller waits for, blocked. The other side posts an answer, and then counts it: so
 * a caller that has found none, and no other count since, can sleep until there is one.
 */

import { type MessagePort, receiveMessageOnPort, type TransferListItem } from 'node:worker_threads';
import { DiskDbError } from '../../base/errors.js';
import type { Envelope } from './messages.js';

export class BlockingPort<Request, Answer> {
  readonly #port: MessagePort;
  readonly #answerCount: Int32Array;
  readonly #timeoutMs: number;
  #nextId = 1;

  /** `answerCount` is one number that both threads share. */
  constructor(port: MessagePort, answerCount: Int32Array, timeoutMs: number) {
    this.#port = port;
    this.#answerCount = answerCount;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws STORE_FAILED if there is no answer in time */
  ask(body: Request, transfer: readonly TransferListItem[]): Answer {
    const id = this.#nextId++;
    this.#port.postMessage({ id, body }, transfer);
    const until = performance.now() + this.#timeoutMs;
    for (;;) {
      const count = Atomics.load(this.#answerCount, 0);
      const answer = this.#take(id);
      if (answer !== undefined) return answer;
      const left = until - performance.now();
      if (left <= 0) throw new DiskDbError('STORE_FAILED', 'the storage thread did not answer');
      // It may be woken without an answer: by the call that tells of one which it has taken already.
      Atomics.wait(this.#answerCount, 0, count, left);
    }
  }

  close(): void {
    this.#port.close();
  }

  /** Others before it are late answers to requests that have timed out. */
  #take(id: number): Answer | undefined {
    for (;;) {
      const received: { message: Envelope<Answer> } | undefined = receiveMessageOnPort(this.#port);
      if (received === undefined) return undefined;
      if (received.message.id === id) return received.message.body;
    }
  }
}

/** The other side's: to be called when the answer has been posted. */
export function countAnswer(answerCount: Int32Array): void {
  Atomics.add(answerCount, 0, 1);
  Atomics.notify(answerCount, 0);
}
