/** Requests for tests: onto the wire, and back through a RequestParser. */
import type { Argument } from '../../src/base/large-string.js';
import { RequestParser } from '../../src/protocol/request-parser.js';

/** A request as clients send it; one character is one byte. */
export function encodeRequest(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

/** Arguments as strings, large ones too. */
export function plain(args: readonly Argument[]): string[] {
  return args.map((argument) => argument.toString());
}

/** The requests in `wire`, pushed as a whole. */
export function parseAll(wire: string, parser = new RequestParser()): string[][] {
  const requests: string[][] = [];
  parser.push(Buffer.from(wire, 'latin1'));
  while (parser.next()) requests.push(plain(parser.args));
  return requests;
}

/**
 * The requests in `wire`, which comes in pieces of the given sizes (the rest as one) through one shared buffer
 * that is overwritten after each. With `stopAfter` above 0 the caller leaves a read after so many requests, as
 * one whose client is blocked, and takes the rest at the end.
 */
export function parseCut(wire: string, sizes: readonly number[], stopAfter: number): string[][] {
  const bytes = Buffer.from(wire, 'latin1');
  const shared = Buffer.alloc(bytes.length + 10);
  const parser = new RequestParser();
  const requests: string[][] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const count = bytes.copy(shared, 5, at, Math.min(bytes.length, at + size));
    at += count;
    parser.push(shared, 5, 5 + count);
    for (let taken = 0; stopAfter === 0 || taken < stopAfter; taken++) {
      if (!parser.next()) break;
      requests.push(plain(parser.args));
    }
    parser.retain();
    shared.fill('*');
  }
  while (parser.next()) requests.push(plain(parser.args));
  return requests;
}
