/** FCALL: functions of libraries. */

import type { Reply } from '../../protocol/reply.js';
import { textArgument } from '../arguments.js';
import type { CommandContext } from '../context.js';
import type { Command } from '../spec.js';
import { scriptArguments } from './arguments.js';
import { COUNTED_ARGUMENTS, READING, WRITING } from './eval.js';

function runFunction(readOnly: boolean) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const call = scriptArguments(argv, readOnly, 'ERR Bad number of keys provided');
    return context.server.scripts.functions.call(context, argv[1] as string, call);
  };
}

const shared = {
  since: '7.0.0',
  group: 'scripting',
  complexity: 'Depends on the function that is executed.',
  arity: -3,
  arguments: [{ name: 'function', type: 'string' }, ...COUNTED_ARGUMENTS],
} as const;

export const callCommands: readonly Command[] = [
  {
    ...shared,
    ...WRITING,
    mayReplicate: ({ scripts }, argv) => !scripts.functions.onlyReads(textArgument(argv[1])),
    name: 'fcall',
    summary: 'Runs a function of a library.',
    run: runFunction(false),
  },
  {
    ...shared,
    ...READING,
    name: 'fcall_ro',
    summary: 'Runs a function that only reads.',
    run: runFunction(true),
  },
];
