/** CLIENT: what a client may say and know of itself and of others. */

import type { Reply } from '../../protocol/reply.js';
import { isWord, parseInteger, parseInteger64 } from '../arguments.js';
import { CommandError, errors, fail } from '../command-error.js';
import type { Client, CommandContext } from '../context.js';
import type { PauseMode } from '../instruments.js';
import type { Command } from '../spec.js';
import { type ClientFilter, clientFilter, clientLines, ofType } from './client-info.js';
import { clientSpecs } from './client-specs.js';
import { redirectOf, setCaching, track, trackingInfo } from './client-tracking.js';

type Run = NonNullable<Command['run']>;

/** CLIENT LIST [TYPE type | ID id ...] */
function list(context: CommandContext, argv: readonly string[]): Reply {
  const { server } = context;
  const [, , option, value] = argv;
  if (option === undefined) return clientLines(context, server.clients());
  if (isWord(option, 'type') && argv.length === 4) {
    const matches = ofType(value as string);
    return clientLines(context, [...server.clients()].filter(matches));
  }
  if (!isWord(option, 'id') || value === undefined) return fail(errors.syntax);
  const ids = argv.slice(3).map((id) => parseInteger64(id, 'ERR Invalid client ID'));
  const byId = new Map([...server.clients()].map((client) => [client.id, client]));
  const found = ids.map((id) => byId.get(Number(id))).filter((client) => client !== undefined);
  return clientLines(context, found);
}

/** CLIENT KILL address, or with filters that must all hold. */
function kill(context: CommandContext, argv: readonly string[]): Reply {
  const { client, reply } = context;
  if (argv.length === 3) {
    const killed = killAll(context, (other) => other.address === argv[2]);
    return killed === 0 ? fail('ERR No such client') : reply.ok;
  }
  const { matches, skipsMe } = parseKillFilters(context, argv);
  return reply.integer(
    killAll(context, (other) => !(skipsMe && other === client) && matches(other)),
  );
}

function parseKillFilters(
  { server }: CommandContext,
  argv: readonly string[],
): { matches: ClientFilter; skipsMe: boolean } {
  const filters: ClientFilter[] = [];
  let skipsMe = true;
  for (let i = 2; i < argv.length; i += 2) {
    const name = argv[i] as string;
    const value = argv[i + 1] ?? fail(errors.syntax);
    if (isWord(name, 'skipme')) skipsMe = parseYesNo(value);
    else filters.push(clientFilter(name, value, server) ?? fail(errors.syntax));
  }
  return { matches: (client) => filters.every((filter) => filter(client)), skipsMe };
}

function parseYesNo(text: string): boolean {
  if (isWord(text, 'yes')) return true;
  return isWord(text, 'no') ? false : fail(errors.syntax);
}

/** Others are cut off when this request is done for good; the client itself gets its reply first. */
export function killAll({ client, server }: CommandContext, matches: ClientFilter): number {
  const doomed = [...server.clients()].filter(matches);
  for (const other of doomed) {
    if (other === client) client.closeAfterReply();
    else other.kill();
  }
  return doomed.length;
}

function checkPrintable(what: string, text: string): void {
  if (!/^[!-~]*$/.test(text)) {
    fail(`ERR ${what} cannot contain spaces, newlines or special characters.`);
  }
}

/** Also for HELLO's SETNAME. */
export function setClientName(client: Client, name: string): void {
  checkPrintable('Client names', name);
  client.change({ name });
}

function setName({ client, reply }: CommandContext, argv: readonly string[]): Reply {
  setClientName(client, argv[2] as string);
  return reply.ok;
}

/** CLIENT SETINFO LIB-NAME|LIB-VER text */
function setInfo({ client, reply }: CommandContext, argv: readonly string[]): Reply {
  const [, , attribute, text] = argv as [string, string, string, string];
  const isName = isWord(attribute, 'lib-name');
  if (!isName && !isWord(attribute, 'lib-ver')) fail(`ERR Unrecognized option '${attribute}'`);
  checkPrintable(attribute, text);
  client.change(isName ? { libraryName: text } : { libraryVersion: text });
  return reply.ok;
}

/** CLIENT NO-EVICT and NO-TOUCH. */
function setSwitch(name: 'noEvict' | 'noTouch'): Run {
  return ({ client, reply }, argv) => {
    const text = argv[2] as string;
    if (!isWord(text, 'on') && !isWord(text, 'off')) fail(errors.syntax);
    client.change({ [name]: isWord(text, 'on') });
    return reply.ok;
  };
}

/** CLIENT REPLY: what it returns for OFF and SKIP is not sent. */
function setReplies({ client, reply }: CommandContext, argv: readonly string[]): Reply {
  const mode = (argv[2] as string).toLowerCase();
  if (mode !== 'on' && mode !== 'off' && mode !== 'skip') return fail(errors.syntax);
  client.setReplies(mode);
  return reply.ok;
}

const UNBLOCKED = 'UNBLOCKED client unblocked via CLIENT UNBLOCK';

/** CLIENT UNBLOCK id [TIMEOUT|ERROR] */
function unblock({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const reason = argv[3];
  if (argv.length > 4) wrongArguments('CLIENT', argv);
  if (reason !== undefined && !isWord(reason, 'timeout') && !isWord(reason, 'error')) {
    fail('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
  }
  const id = Number(parseInteger64(argv[2] as string));
  const waiting = [...server.clients()].find((client) => client.id === id && client.isBlocked);
  if (waiting === undefined || waiting.isPostponed) return reply.integer(0);
  const isError = reason !== undefined && isWord(reason, 'error');
  const error = isError ? new CommandError(UNBLOCKED) : undefined;
  waiting.unblock(error);
  return reply.integer(1);
}

/** CLIENT PAUSE timeout [WRITE|ALL] */
function pause({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const { transaction } = server.keyspace;
  const mode = pauseMode(argv);
  const timeout = parseInteger(argv[2] as string, 'ERR timeout is not an integer or out of range');
  if (timeout < 0) fail('ERR timeout is negative');
  transaction.onUndo(server.pause.begin(timeout, mode));
  return reply.ok;
}

function pauseMode(argv: readonly string[]): PauseMode {
  const mode = argv[3];
  if (argv.length > 4) wrongArguments('CLIENT', argv);
  if (mode === undefined || isWord(mode, 'all')) return 'all';
  return isWord(mode, 'write') ? 'write' : fail('ERR CLIENT PAUSE mode must be WRITE or ALL');
}

function unpause({ reply, server }: CommandContext): Reply {
  server.keyspace.transaction.effect(() => server.pause.end());
  return reply.ok;
}

/** What Redis says of a subcommand with arguments that no form of it takes. */
function wrongArguments(name: string, argv: readonly string[]): never {
  return fail(
    `ERR unknown subcommand or wrong number of arguments for '${argv[1]}'. Try ${name} HELP.`,
  );
}

const runs: Readonly<Record<string, Run>> = {
  caching: setCaching,
  getname: ({ client, reply }) => (client.name === '' ? reply.nullBulk : reply.bulk(client.name)),
  getredir: ({ client, reply }) => reply.integer(redirectOf(client)),
  id: ({ client, reply }) => reply.integer(client.id),
  info: (context) => clientLines(context, [context.client]),
  kill,
  list,
  'no-evict': setSwitch('noEvict'),
  'no-touch': setSwitch('noTouch'),
  pause,
  reply: setReplies,
  setinfo: setInfo,
  setname: setName,
  tracking: track,
  trackinginfo: trackingInfo,
  unblock,
  unpause,
};

export const clientCommand: Command = {
  name: 'client',
  summary: 'A container for commands on client connections.',
  since: '2.4.0',
  group: 'connection',
  complexity: 'Depends on the subcommand',
  arity: -2,
  flags: [],
  subcommands: clientSpecs.map((spec) => {
    const run = spec.run ?? runs[spec.name];
    if (run === undefined) throw new Error(`bug: CLIENT ${spec.name} does nothing`);
    return { ...spec, run };
  }),
};
