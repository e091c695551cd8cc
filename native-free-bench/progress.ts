/** A progress bar on a terminal's error output; silence on a pipe. */

import { performance } from 'node:perf_hooks';
import type { WriteStream } from 'node:tty';
import type { Observer, Stage } from './measure.js';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;

/** The bar for a stream that is a terminal, otherwise an observer that does nothing. */
export function progressOn(stream: WriteStream): Observer {
  return stream.isTTY === true ? new ProgressBar(stream) : new SilentProgress();
}

class SilentProgress implements Observer {
  started(_stage: Stage): void {
    // A pipe gets results only.
  }

  answered(_replies: number): void {
    // A pipe gets results only.
  }

  finished(): void {
    // A pipe gets results only.
  }
}

class ProgressBar implements Observer {
  readonly #stream: WriteStream;
  #stage: Stage = { label: '', requests: 1 };
  #done = 0;
  #startedAt = 0;
  #drawnAt = 0;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  started(stage: Stage): void {
    this.#stage = stage;
    this.#done = 0;
    this.#startedAt = performance.now();
    this.#draw(this.#startedAt);
  }

  answered(replies: number): void {
    this.#done += replies;
    // Looking at the clock for every reply would cost more than the bar is worth.
    if (this.#done % 256 >= replies) return;
    const now = performance.now();
    if (now - this.#drawnAt >= REDRAW_MS) this.#draw(now);
  }

  finished(): void {
    this.#stream.write('\r\x1b[K');
  }

  #draw(now: number): void {
    this.#drawnAt = now;
    const share = Math.min(1, this.#done / this.#stage.requests);
    const full = Math.round(share * BAR_WIDTH);
    const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
    const rate = Math.round((this.#done / Math.max(1, now - this.#startedAt)) * 1000);
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    const line = `${bar} ${percent}  ${rate.toLocaleString('en-US')} req/s  ${this.#stage.label}`;
    this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }
}
