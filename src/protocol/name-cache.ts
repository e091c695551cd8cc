/**
 * Command names as strings that are made once: a name that is sent again is the same string object, its hash
 * computed, so that looking the command up costs a pointer comparison and the request allocates nothing for it.
 */
import { readText } from './latin1-text.js';

const SLOTS = 4096; // a power of two; Redis has 240 commands, sent in upper or lower case
const LONGEST_NAME = 24; // bytes; longer ones are no command's and are not kept

export class NameCache {
  readonly #names: string[] = new Array<string>(SLOTS).fill('');

  /** The `length` bytes from `start`, case kept. A name in the same slot takes the other's place. */
  read(bytes: Buffer, start: number, length: number): string {
    if (length === 0 || length > LONGEST_NAME) return readText(bytes, start, length);
    const slot = slotOf(bytes, start, length);
    const known = this.#names[slot] as string;
    if (known.length === length && isAt(known, bytes, start)) return known;
    const name = readText(bytes, start, length);
    this.#names[slot] = name;
    return name;
  }
}

/**
 * Length and four bytes tell commands apart. The factors are the best of 3000 random choices: of Redis 7's
 * commands in both cases 24 of 480 share a slot, none of the common ones among themselves.
 */
export function slotOf(bytes: Buffer, start: number, length: number): number {
  const first = bytes[start] as number;
  const quarter = bytes[start + (length >> 2)] as number;
  const middle = bytes[start + (length >> 1)] as number;
  const last = bytes[start + length - 1] as number;
  const sum = first * 311 + quarter * 483 + middle * 325 + last * 365 + length * 103;
  return sum & (SLOTS - 1);
}

function isAt(name: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < name.length; i++) {
    if (name.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
