/**
 * Memory outside V8's heap in which the replies of a connection collect when they are more than a little: the
 * collector has nothing to copy while they wait for their client, and one system call sends as much as Redis's.
 */

export const CHUNK_BYTES = 64 * 1024;
/** Chunks that are kept for the next to be filled, rather than made anew. */
const SPARE_MAX = 32;

const spare: OutputChunk[] = [];

export class OutputChunk {
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  hasRoom(length: number): boolean {
    return this.#length + length <= CHUNK_BYTES;
  }

  add(text: string): void {
    this.#length += this.#buffer.latin1Write(text, this.#length, text.length);
  }

  /** It has been sent, or will not be: nobody has hold of its bytes any more. */
  release(): void {
    this.#length = 0;
    if (spare.length < SPARE_MAX) spare.push(this);
  }
}

/** An empty chunk, to be released by who sends it. */
export function takeChunk(): OutputChunk {
  return spare.pop() ?? new OutputChunk();
}
