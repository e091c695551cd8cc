/** Where the tools print: results to standard output, progress to a terminal. */

import { once } from 'node:events';

export interface Output {
  /** One or more whole lines, without the last line's end. */
  print(lines: string): Promise<void>;
  /** Replaces the progress shown before; nothing is shown where nobody looks. */
  progress(text: string): void;
}

/** A reader that has seen enough (`diskdb wal dump | head`) ends the program without an error. */
export function terminalOutput(): Output {
  const { stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    async print(lines) {
      if (!stdout.write(`${lines}\n`)) await once(stdout, 'drain');
    },
    progress(text) {
      if (stderr.isTTY) stderr.write(`\r${text}\x1b[K\r`);
    },
  };
}
