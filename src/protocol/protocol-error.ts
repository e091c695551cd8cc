/** What a client did that is not the protocol: the connection sends the reply, then closes. */

export class ProtocolError extends Error {
  /** `message` is Redis's text after `ERR Protocol error: `. It may hold any byte that the client sent. */
  constructor(message: string) {
    super(message);
    this.name = 'ProtocolError';
  }

  /** The error reply's text, for ReplyEncoder.error. */
  get reply(): string {
    return `ERR Protocol error: ${this.message}`;
  }
}
