/**
 * The bytes of a pipeline's requests, built once: before each sending only the digits of the random keys are written
 * into them. The buffer may be changed only when the previous sending has been answered.
 */

import { KEY_MARK, type WeightedCommand } from './workload.js';

const ZERO = 0x30;

export interface RequestBatch {
  readonly bytes: Buffer;
  /** Where the digits of each random number start. */
  readonly marks: readonly number[];
}

/** A request in the protocol's form; arguments are latin1 strings. */
export function encodeRequest(args: readonly string[]): string {
  const bulks = args.map((argument) => `$${argument.length}\r\n${argument}\r\n`);
  return `*${args.length}\r\n${bulks.join('')}`;
}

/** One sending of `size` requests, each drawn by weight with `random` (0–1). */
export function buildBatch(
  commands: readonly WeightedCommand[],
  size: number,
  random: () => number,
): RequestBatch {
  const requests = Array.from({ length: size }, () => encodeRequest(draw(commands, random)));
  const text = requests.join('');
  return { bytes: Buffer.from(text, 'latin1'), marks: findMarks(text) };
}

/** Writes the next number into each mark of a batch. */
export function fillKeys(batch: RequestBatch, nextKey: () => number): void {
  for (const mark of batch.marks) {
    let rest = nextKey();
    for (let at = mark + KEY_MARK.length - 1; at >= mark; at--) {
      const higher = Math.floor(rest / 10);
      batch.bytes[at] = ZERO + (rest - higher * 10);
      rest = higher;
    }
  }
}

function draw(commands: readonly WeightedCommand[], random: () => number): readonly string[] {
  let left = random() * commands.reduce((sum, { weight }) => sum + weight, 0);
  for (const command of commands) {
    left -= command.weight;
    if (left < 0) return command.arguments;
  }
  return commands.at(-1)?.arguments ?? [];
}

function findMarks(text: string): number[] {
  const marks: number[] = [];
  for (let at = text.indexOf(KEY_MARK); at >= 0; at = text.indexOf(KEY_MARK, at + 1)) {
    marks.push(at);
  }
  return marks;
}
