/** Turns one raw RESP2 reply into a value. */

/** An error reply: the text after the minus sign. */
export class ErrorReply {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Bulk strings are latin1 strings. */
export type Reply = string | number | null | ErrorReply | readonly Reply[];

/** Decodes a whole reply; throws when it is not one of RESP2's. */
export function decodeReply(bytes: Buffer): Reply {
  return decodeAt(bytes, 0).value;
}

interface Decoded {
  readonly value: Reply;
  readonly end: number;
}

function decodeAt(bytes: Buffer, at: number): Decoded {
  const lineEnd = bytes.indexOf('\r\n', at);
  const line = bytes.toString('latin1', at + 1, lineEnd);
  const end = lineEnd + 2;
  const type = String.fromCharCode(bytes[at] ?? 0);
  if (type === '+') return { value: line, end };
  if (type === '-') return { value: new ErrorReply(line), end };
  if (type === ':') return { value: Number(line), end };
  if (line === '-1' && (type === '$' || type === '*')) return { value: null, end };
  if (type === '$') return decodeBulk(bytes, end, Number(line));
  if (type === '*') return decodeArray(bytes, end, Number(line));
  throw new Error(`not a RESP2 reply: ${type}${line}`);
}

function decodeBulk(bytes: Buffer, at: number, length: number): Decoded {
  return { value: bytes.toString('latin1', at, at + length), end: at + length + 2 };
}

function decodeArray(bytes: Buffer, at: number, count: number): Decoded {
  const value: Reply[] = [];
  let end = at;
  for (let index = 0; index < count; index++) {
    const item = decodeAt(bytes, end);
    value.push(item.value);
    end = item.end;
  }
  return { value, end };
}
