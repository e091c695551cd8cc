/**
 * `diskdb check`, `repair` and `wal dump`: the tools for a data directory. They print for people, or with
 * --json for programs; what they do is in storage/.
 */

import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { DiskDbError } from '../base/errors.js';
import { loadConfig } from '../config/load.js';
import type { CheckReport, Problem, ToolOptions } from '../storage/tools/check.js';
import type { RepairReport } from '../storage/tools/repair.js';
import { ExitCode } from './exit-codes.js';
import type { Output } from './output.js';
import type { ProgramResult } from './program.js';

interface ToolFlags {
  readonly json?: true;
}

interface DumpFlags extends ToolFlags {
  readonly fromLsn?: number;
}

const DIRECTORY = 'the data directory (default: $DISKDB_DIR, or ./data)';

export function addToolCommands(program: Command, result: ProgramResult, output: Output): void {
  program
    .command('check')
    .description('verify every frame of the log and every record of the store')
    .argument('[directory]', DIRECTORY)
    .option('--json', 'print the report as one JSON object')
    .action(async (directory: string | undefined, flags: ToolFlags) => {
      result.exitCode = await check(directory, flags, output);
    });
  program
    .command('repair')
    .description('make a damaged directory usable; what is dropped is kept in damaged/')
    .argument('[directory]', DIRECTORY)
    .option('--json', 'print the report as one JSON object')
    .action(async (directory: string | undefined, flags: ToolFlags) => {
      result.exitCode = await repair(directory, flags, output);
    });
  program
    .command('wal')
    .description('look into the write-ahead log')
    .command('dump')
    .description('print every frame of the log')
    .argument('[directory]', DIRECTORY)
    .option('--json', 'print one JSON object a line')
    .option('--from-lsn <lsn>', 'skip changes before this one', parseLsn)
    .action(async (directory: string | undefined, flags: DumpFlags) => {
      result.exitCode = await dump(directory, flags, output);
    });
}

async function check(given: string | undefined, flags: ToolFlags, output: Output) {
  const options = toolOptions(given, output);
  const { checkDirectory } = await import('../storage/tools/check.js'); // LevelDB only where it is needed
  const report = await checkDirectory(options);
  await output.print(flags.json ? JSON.stringify(report) : checkText(options.directory, report));
  return report.needsRepair ? ExitCode.damaged : ExitCode.ok;
}

function checkText(directory: string, report: CheckReport): string {
  const { segments, frames, records, problems, needsRepair } = report;
  const log = `${frames} frames in ${segments} segments of the log`;
  const verdict =
    problems.length === 0
      ? 'No damage found.'
      : needsRepair
        ? `Damaged: \`diskdb repair ${directory}\` keeps what is intact.`
        : 'The next start mends this by itself.';
  return [`Checked ${records} records and ${log}.`, ...problems.map(problemText), verdict].join(
    '\n',
  );
}

function problemText({ where, offset, key, what }: Problem): string {
  const at = offset === undefined ? '' : ` at byte ${offset}`;
  return `${where}${at}${key === undefined ? '' : `, key ${key}`}: ${what}`;
}

async function repair(given: string | undefined, flags: ToolFlags, output: Output) {
  const options = toolOptions(given, output);
  const { repairDirectory } = await import('../storage/tools/repair.js');
  const report = await repairDirectory(options);
  await output.print(flags.json ? JSON.stringify(report) : repairText(report));
  return ExitCode.ok;
}

function repairText({ problems, actions }: RepairReport): string {
  if (actions.length === 0) return 'Nothing to repair.';
  return [...problems.map(problemText), 'Done:', ...actions.map((each) => `  ${each}`)].join('\n');
}

async function dump(given: string | undefined, { json, fromLsn }: DumpFlags, output: Output) {
  const { directory } = toolOptions(given, output);
  const { dumpLog, toJsonLine, toText } = await import('../storage/tools/dump.js');
  const options = fromLsn === undefined ? { directory } : { directory, fromLsn };
  let exitCode: number = ExitCode.ok;
  for (const dumped of dumpLog(options)) {
    if ('damage' in dumped && !dumped.isTornTail) exitCode = ExitCode.damaged;
    await output.print(json ? toJsonLine(dumped) : toText(dumped));
  }
  return exitCode;
}

function parseLsn(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number from 0 is due.');
}

/** A tool must not create what it was to look at. */
function toolOptions(
  given: string | undefined,
  output: Output,
): ToolOptions & { directory: string } {
  const directory = given ?? loadConfig({ environment: process.env }).config.values.dir;
  if (!existsSync(`${directory}/wal`) && !existsSync(`${directory}/store`)) {
    throw new DiskDbError('CONFIG_INVALID', `${directory} is not a data directory of DiskDB`);
  }
  return { directory, onProgress: (records) => output.progress(`${records} records`) };
}
