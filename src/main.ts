/** The program's entry: runs the command line and turns what comes of it into the exit code. */

import { CommanderError } from 'commander';
import { DiskDbError } from './base/errors.js';
import { ExitCode, exitCodeOf } from './cli/exit-codes.js';
import { createProgram } from './cli/program.js';

async function main(): Promise<number | undefined> {
  const [program, result] = createProgram(async () => (await import('./server.js')).startServer);
  try {
    await program.parseAsync(process.argv);
    return result.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return commanderExitCode(error);
    const expected = error instanceof DiskDbError;
    process.stderr.write(`diskdb: ${expected ? error.message : String(stackOf(error))}\n`);
    return exitCodeOf(error);
  }
}

/** Commander has printed its message already; --help and --version are no errors. */
function commanderExitCode({ exitCode }: CommanderError): number {
  return exitCode === 0 ? ExitCode.ok : ExitCode.badConfiguration;
}

function stackOf(error: unknown): unknown {
  return error instanceof Error ? (error.stack ?? error.message) : error;
}

const exitCode = await main();
if (exitCode !== undefined) process.exit(exitCode);
