/** The load generator's command: measures RESP servers against each other with nothing but Node. */

import { measureAll } from './measure.js';
import { parseOptions } from './options.js';
import { progressOn } from './progress.js';
import { formatReport } from './report.js';

async function main(): Promise<void> {
  const invocation = parseOptions(process.argv.slice(2));
  if ('print' in invocation) {
    process.stdout.write(invocation.print);
    return;
  }
  const measurements = await measureAll(invocation.options, progressOn(process.stderr));
  process.stdout.write(formatReport(measurements, invocation.options));
  if (measurements.some(({ errors }) => errors > 0)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
