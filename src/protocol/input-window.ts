/**
 * The bytes a parser reads from: the caller's chunk where it lies, or what was left of earlier chunks.
 *
 * A chunk is read in place. What is left of it when the caller needs its buffer again is copied (`retain`),
 * and from the next chunk only as much is added to the copy as the token that was cut needs (`more`); the
 * rest is again read in place. So bytes are copied at most once or twice, whatever the cuts.
 */

const NOTHING = Buffer.alloc(0);

export class InputWindow {
  /** Bytes at hand: `bytes[position]` up to, not including, `bytes[end]`. The parser moves `position`. */
  bytes: Buffer = NOTHING;
  position = 0;
  end = 0;
  /** Bytes copied since the start, by which tests see that the work is linear. */
  copiedBytes = 0;

  /** True while `bytes` is ours to append to. */
  #owned = false;
  /** A chunk that waits until the copy before it has been read. */
  #waiting: Buffer | undefined;
  #waitingPosition = 0;
  #waitingEnd = 0;

  /** Bytes not read yet. */
  get length(): number {
    return this.end - this.position + (this.#waitingEnd - this.#waitingPosition);
  }

  /** Room in the copy for what comes. */
  get freeBytes(): number {
    return this.#owned ? this.bytes.length - (this.end - this.position) : 0;
  }

  /** Adds `buffer` from `start` to `end`. It is not copied: see `retain`. */
  push(buffer: Buffer, start: number, end: number): void {
    if (this.length === 0) {
      this.#readFrom(buffer, start, end);
      return;
    }
    this.retain();
    this.#waiting = buffer;
    this.#waitingPosition = start;
    this.#waitingEnd = end;
  }

  /**
   * After the bytes at hand were too few: tries to have `wanted` of them, and at least one more.
   * @returns whether there are more than before; false until the next push if there are not.
   */
  more(wanted: number): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined) return false;
    const had = this.end - this.position;
    if (had === 0) {
      this.#readFrom(waiting, this.#waitingPosition, this.#waitingEnd);
      this.#stopWaiting();
      return true;
    }
    this.#append(
      waiting,
      this.#waitingPosition,
      Math.min(wanted - had, this.#waitingEnd - this.#waitingPosition),
    );
    return true;
  }

  /** Copies what is not read yet out of the caller's buffer, which the caller may then overwrite. */
  retain(): void {
    if (this.length === 0) {
      this.#readFrom(NOTHING, 0, 0);
      this.#stopWaiting();
      return;
    }
    if (!this.#owned) this.#own();
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#append(waiting, this.#waitingPosition, this.#waitingEnd - this.#waitingPosition);
    }
  }

  #readFrom(buffer: Buffer, start: number, end: number): void {
    this.bytes = buffer;
    this.position = start;
    this.end = end;
    this.#owned = false;
  }

  #stopWaiting(): void {
    this.#waiting = undefined;
    this.#waitingPosition = 0;
    this.#waitingEnd = 0;
  }

  #own(): void {
    const { bytes, position, end } = this;
    this.bytes = NOTHING;
    this.position = 0;
    this.end = 0;
    this.#owned = true;
    this.#append(bytes, position, end - position);
  }

  /** Moves `count` bytes of the waiting chunk, or of any other, behind the bytes at hand. */
  #append(source: Buffer, from: number, count: number): void {
    this.#makeRoom(count);
    source.copy(this.bytes, this.end, from, from + count);
    this.end += count;
    this.copiedBytes += count;
    if (source !== this.#waiting) return;
    this.#waitingPosition += count;
    if (this.#waitingPosition === this.#waitingEnd) this.#stopWaiting();
  }

  /** Grows the copy by doubling, so that appending stays linear; what was read is dropped on the way. */
  #makeRoom(count: number): void {
    const { bytes, position, end } = this;
    if (end + count <= bytes.length) return;
    const kept = end - position;
    const fits = kept + count <= bytes.length && kept <= position;
    const target = fits ? bytes : Buffer.allocUnsafeSlow(Math.max(kept + count, kept * 2));
    bytes.copy(target, 0, position, end);
    this.copiedBytes += kept;
    this.bytes = target;
    this.position = 0;
    this.end = kept;
  }
}
