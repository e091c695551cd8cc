/** The time that one client has in a turn of the event loop. */

/** In milliseconds. (With 3 pipelines of 2,000 requests were an eighth slower, measured.) */
const STRETCH_MS = 5;

export class Stretch {
  #turn = -1;
  #end = 0;

  /**
   * The client is served from `now` on, in milliseconds of the monotonic clock. All of a turn is one stretch, though the client may be
   * read many times in it.
   */
  begin(turn: number, now: number): void {
    if (turn === this.#turn) return;
    this.#turn = turn;
    this.#end = now + STRETCH_MS;
  }

  isOver(now: number): boolean {
    return now >= this.#end;
  }
}
