/** A message that many may get: its text is made once for each version of the protocol. */

import { encoderOf } from '../protocol/encoder.js';

export class Message {
  readonly #parts: readonly string[];
  readonly #texts: Partial<Record<2 | 3, string>> = {};

  constructor(parts: readonly string[]) {
    this.#parts = parts;
  }

  encoded(protocol: 2 | 3): string {
    const text = this.#texts[protocol] ?? this.#encode(protocol);
    this.#texts[protocol] = text;
    return text;
  }

  #encode(protocol: 2 | 3): string {
    const encoder = encoderOf(protocol);
    return encoder.pushHead(this.#parts.length) + this.#parts.map(encoder.bulk).join('');
  }
}
