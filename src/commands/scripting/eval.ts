/** EVAL and EVALSHA: scripts that come with the request, or are cached. */

import type { Reply } from '../../protocol/reply.js';
import { textArgument } from '../arguments.js';
import type { CommandContext } from '../context.js';
import { countedKeys, keyArgument } from '../key-specs.js';
import type { ArgumentSpec, Command, CommandFlag } from '../spec.js';
import { scriptArguments } from './arguments.js';

type Run = (context: CommandContext, argv: readonly string[]) => Reply;

function runText(readOnly: boolean): Run {
  return (context, argv) => {
    const call = scriptArguments(argv, readOnly);
    return context.server.scripts.run(context, argv[1] as string, call);
  };
}

function runDigest(readOnly: boolean): Run {
  return (context, argv) => {
    const call = scriptArguments(argv, readOnly);
    return context.server.scripts.runCached(context, argv[1] as string, call);
  };
}

const NOTES = 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE';
const FLAGS: readonly CommandFlag[] = [
  'noscript',
  'stale',
  'skip_monitor',
  'no_mandatory_keys',
  'movablekeys',
];

export const COUNTED_ARGUMENTS: readonly ArgumentSpec[] = [
  { name: 'numkeys', type: 'integer' },
  { ...keyArgument, flags: ['optional', 'multiple'] },
  { name: 'arg', type: 'string', flags: ['optional', 'multiple'] },
];

export const WRITING = {
  flags: FLAGS,
  keys: [{ ...countedKeys(2, ['RW', 'access', 'update']), notes: NOTES }],
} as const;

export const READING = {
  flags: [...FLAGS, 'readonly'],
  keys: [
    { ...countedKeys(2, ['RO', 'access']), notes: NOTES.replace('RW and UPDATE', 'RO and ACCESS') },
  ],
} as const;

const shared = {
  group: 'scripting',
  complexity: 'Depends on the script that is executed.',
  arity: -3,
} as const;

function argumentsOf(what: string): readonly ArgumentSpec[] {
  return [{ name: what, type: 'string' }, ...COUNTED_ARGUMENTS];
}

export const evalCommands: readonly Command[] = [
  {
    ...shared,
    ...WRITING,
    mayReplicate: ({ scripts }, argv) => !scripts.onlyReads(textArgument(argv[1])),
    name: 'eval',
    summary: 'Runs a script.',
    since: '2.6.0',
    arguments: argumentsOf('script'),
    run: runText(false),
  },
  {
    ...shared,
    ...READING,
    name: 'eval_ro',
    summary: 'Runs a script that only reads.',
    since: '7.0.0',
    arguments: argumentsOf('script'),
    run: runText(true),
  },
  {
    ...shared,
    ...WRITING,
    keys: [countedKeys(2, ['RW', 'access', 'update'])],
    mayReplicate: ({ scripts }, argv) => !scripts.cachedOnlyReads(textArgument(argv[1])),
    name: 'evalsha',
    summary: 'Runs a cached script.',
    since: '2.6.0',
    arguments: argumentsOf('sha1'),
    run: runDigest(false),
  },
  {
    ...shared,
    ...READING,
    keys: [countedKeys(2, ['RO', 'access'])],
    name: 'evalsha_ro',
    summary: 'Runs a cached script that only reads.',
    since: '7.0.0',
    arguments: argumentsOf('sha1'),
    run: runDigest(true),
  },
];
