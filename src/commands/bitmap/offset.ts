/** Offsets of bits, as the bitmap commands take them. */

import { parseInteger } from '../arguments.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { longestString } from '../string/reply.js';

const error = 'ERR bit offset is not an integer or out of range';

/** The offset of a bit that a string may have. */
export function parseBitOffset(context: CommandContext, text: string): number {
  return checkBitOffset(context, parseInteger(text, error));
}

/** An offset, or after `#` the number of a field of `bits` bits. */
export function parseFieldOffset(context: CommandContext, text: string, bits: number): number {
  if (!text.startsWith('#')) return parseBitOffset(context, text);
  return checkBitOffset(context, parseInteger(text.slice(1), error) * bits);
}

function checkBitOffset(context: CommandContext, offset: number): number {
  return offset < 0 || Math.floor(offset / 8) >= longestString(context) ? fail(error) : offset;
}
