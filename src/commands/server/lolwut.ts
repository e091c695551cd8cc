/** LOLWUT: a disk seen from above, its sectors filled by chance. No two are alike. */

import type { Reply } from '../../protocol/reply.js';
import { isWord, parseInteger } from '../arguments.js';
import type { CommandContext } from '../context.js';
import type { Command } from '../spec.js';

const DEFAULT_SIZE = 21;
const SMALLEST = 7;
const LARGEST = 101;
const SECTORS = 24;
const TRACK_WIDTH = 2;
/** The hole in the middle, as a share of the radius. */
const HOLE = 0.22;
/** From free to full. */
const FILLS = [' ', '.', ':', 'o', 'O', '#'] as const;

/** Draws a disk of that many lines; a character is about twice as high as it is wide. */
function drawDisk(size: number, random: () => number): string {
  const radius = size / 2;
  const tracks = Math.ceil(radius / TRACK_WIDTH) + 1;
  const fills = Array.from(
    { length: tracks * SECTORS },
    () => FILLS[Math.floor(random() * FILLS.length)] ?? ' ',
  );
  const charAt = (line: number, column: number): string => {
    const y = line + 0.5 - radius;
    const x = (column + 0.5) / 2 - radius;
    const distance = Math.hypot(x, y);
    if (distance > radius || distance < radius * HOLE) return ' ';
    if (distance > radius - 1) return '*';
    const turn = Math.atan2(y, x) / (2 * Math.PI) + 0.5;
    const sector = Math.floor(turn * SECTORS) % SECTORS;
    return fills[Math.floor(distance / TRACK_WIDTH) * SECTORS + sector] ?? ' ';
  };
  const lines = Array.from({ length: size }, (_, line) =>
    Array.from({ length: size * 2 }, (_, column) => charAt(line, column))
      .join('')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** `VERSION n` is for Redis's own drawings, and taken for politeness; the next number is the size. */
function runLolwut({ db, reply, server }: CommandContext, argv: readonly string[]): Reply {
  const hasVersion = argv.length > 2 && isWord(argv[1] as string, 'version');
  if (hasVersion) parseInteger(argv[2] as string);
  const given = argv[hasVersion ? 3 : 1];
  const size = /^[0-9]+$/.test(given ?? '') ? Number(given) : DEFAULT_SIZE;
  const drawing = drawDisk(Math.min(LARGEST, Math.max(SMALLEST, size)), () => db.random());
  return reply.verbatim('txt', `${drawing}\nDiskDB ver. ${server.version}\n`);
}

export const lolwutCommands: readonly Command[] = [
  {
    name: 'lolwut',
    summary: 'Shows some art, and the version of DiskDB.',
    since: '5.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['readonly', 'fast'],
    arguments: [{ name: 'version', type: 'integer', token: 'VERSION', flags: ['optional'] }],
    run: runLolwut,
  },
];
