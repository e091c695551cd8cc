/** The command line: `diskdb` serves, and its subcommands look after a data directory. */

import { Command } from 'commander';
import { VERSION } from '../version.js';
import { addConfigFlags } from './config-flags.js';
import { ExitCode } from './exit-codes.js';
import { type Output, terminalOutput } from './output.js';
import { type StartServer, serve } from './serve.js';
import { addToolCommands } from './tools.js';

const NOTES = `
Options come from the config file, then the environment (DISKDB_PERSISTENCE_SYNC=always), then
flags; the later wins. The file is YAML (diskdb.conf.example has every option) or a redis.conf.
Options of Redis are flags too: --appendonly yes --save "900 1". docs/configuration.md has them all.

Exit codes:
  0  stopped as asked          3  another process uses the data directory
  1  failed                    4  the data is damaged
  2  wrong configuration`;

export interface ProgramResult {
  /** Undefined while a server runs. */
  exitCode: number | undefined;
}

/**
 * @param loadServer gives the function that starts the server; called only when it is needed
 * @returns the program, and where its actions leave the exit code
 */
export function createProgram(
  loadServer: () => Promise<StartServer>,
  output: Output = terminalOutput(),
): [Command, ProgramResult] {
  const result: ProgramResult = { exitCode: ExitCode.ok };
  const program = new Command('diskdb')
    .description('A disk-first server that speaks the Redis protocol.')
    .version(`diskdb ${VERSION}`, '-v, --version')
    .argument('[config-file]', 'a diskdb.conf (YAML) or a redis.conf')
    .usage('[config-file] [options]')
    .enablePositionalOptions()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', NOTES);
  const flags = addConfigFlags(program);
  program.action(async (file: string | undefined) => {
    result.exitCode = await serve({ file, flags, loadServer });
  });
  addToolCommands(program, result, output);
  return [program, result];
}
