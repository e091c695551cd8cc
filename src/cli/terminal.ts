/** A server outlives the terminal that it was started from. */

import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';

const STANDARD_FILES = [0, 1, 2];

/** Node 20 aborts at the end if it cannot set a terminal back that is gone: a file that is closed it leaves alone. */
export function outliveTerminal(): void {
  const terminals = STANDARD_FILES.filter((file) => isatty(file));
  process.on('exit', () => {
    for (const file of terminals) if (!isatty(file)) closeSync(file);
  });
}
