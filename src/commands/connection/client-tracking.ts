/** CLIENT TRACKING and what belongs to it: a client says what it caches. */

import type { Reply } from '../../protocol/reply.js';
import { isWord, parseInteger64 } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { Client, CommandContext } from '../context.js';
import type { TrackedClient } from '../tracking.js';

interface Options {
  redirect: Client | undefined;
  broadcasts: boolean;
  optIn: boolean;
  optOut: boolean;
  noLoop: boolean;
  readonly prefixes: string[];
}

type Switch = 'broadcasts' | 'optIn' | 'optOut' | 'noLoop';

const SWITCHES: ReadonlyMap<string, Switch> = new Map<string, Switch>([
  ['bcast', 'broadcasts'],
  ['optin', 'optIn'],
  ['optout', 'optOut'],
  ['noloop', 'noLoop'],
]);

const BEFORE_OFF =
  'before disabling tracking for this client, and then re-enabling it with a different mode.';

/** CLIENT TRACKING ON|OFF [REDIRECT id] [PREFIX prefix …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP] */
export function track(context: CommandContext, argv: readonly string[]): Reply {
  const { client, reply, server } = context;
  const { prefixes, ...options } = parseOptions(context, argv);
  const mode = argv[2] as string;
  if (isWord(mode, 'off')) {
    server.tracking.disable(client);
    return reply.ok;
  }
  if (!isWord(mode, 'on')) fail(errors.syntax);
  checkMode({ ...options, prefixes }, client.tracking);
  if (options.broadcasts) checkOverlaps(prefixes, client.tracking?.prefixes ?? []);
  server.tracking.enable(client, options, prefixes);
  return reply.ok;
}

function parseOptions(context: CommandContext, argv: readonly string[]): Options {
  const options: Options = {
    redirect: undefined,
    broadcasts: false,
    optIn: false,
    optOut: false,
    noLoop: false,
    prefixes: [],
  };
  for (let i = 3; i < argv.length; i++) {
    const word = (argv[i] as string).toLowerCase();
    const name = SWITCHES.get(word);
    const value = argv[i + 1];
    if (name !== undefined) {
      options[name] = true;
      continue;
    }
    if (value === undefined) fail(errors.syntax);
    if (word === 'prefix') options.prefixes.push(value);
    else if (word === 'redirect') options.redirect = redirection(context, options, value);
    else fail(errors.syntax);
    i++;
  }
  return options;
}

function redirection({ server }: CommandContext, { redirect }: Options, text: string): Client {
  if (redirect !== undefined) fail('ERR A client can only redirect to a single other client');
  const id = Number(parseInteger64(text));
  for (const other of server.clients()) if (other.id === id) return other;
  return fail('ERR The client ID you want redirect to does not exist');
}

function checkMode(options: Options, now: TrackedClient | undefined): void {
  const { broadcasts, optIn, optOut, prefixes } = options;
  if (!broadcasts && prefixes.length > 0) {
    fail('ERR PREFIX option requires BCAST mode to be enabled');
  }
  if (now !== undefined && now.broadcasts !== broadcasts) {
    fail(`ERR You can't switch BCAST mode on/off ${BEFORE_OFF}`);
  }
  if (broadcasts && (optIn || optOut)) fail('ERR OPTIN and OPTOUT are not compatible with BCAST');
  if (optIn && optOut) fail("ERR You can't specify both OPTIN mode and OPTOUT mode");
  if ((optIn && now?.optOut) || (optOut && now?.optIn)) {
    fail(`ERR You can't switch OPTIN/OPTOUT mode ${BEFORE_OFF}`);
  }
}

/** A client would hear of a key twice. Of several prefixes that are in the way the first in order is named. */
function checkOverlaps(given: readonly string[], prefixes: readonly string[]): void {
  const end = 'Prefixes for a single client must not overlap.';
  const existing = [...prefixes].sort();
  for (const [i, prefix] of given.entries()) {
    const old = existing.find((other) => overlap(prefix, other));
    if (old !== undefined) {
      fail(`ERR Prefix '${prefix}' overlaps with an existing prefix '${old}'. ${end}`);
    }
    const other = given.find((later, j) => j > i && overlap(prefix, later));
    if (other !== undefined) {
      fail(`ERR Prefix '${prefix}' overlaps with another provided prefix '${other}'. ${end}`);
    }
  }
}

function overlap(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** CLIENT CACHING YES|NO: of the next request, or all of the next transaction. */
export function setCaching(
  { client, reply, server }: CommandContext,
  argv: readonly string[],
): Reply {
  const { tracking } = client;
  const mode = argv[2] as string;
  if (tracking === undefined) {
    fail(
      'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or ' +
        'OPTOUT mode enabled',
    );
  }
  if (isWord(mode, 'yes')) {
    if (!tracking.optIn) {
      fail('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.');
    }
  } else if (!isWord(mode, 'no')) {
    fail(errors.syntax);
  } else if (!tracking.optOut) {
    fail('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.');
  }
  const before = tracking.caching;
  server.keyspace.transaction.onUndo(() => {
    tracking.caching = before;
  });
  tracking.caching = true;
  return reply.ok;
}

/** The id of who gets the invalidations: 0 for the client itself, -1 without tracking. */
export function redirectOf({ tracking }: Client): number {
  return tracking === undefined ? -1 : (tracking.redirect?.id ?? 0);
}

export function trackingInfo({ client, reply }: CommandContext): Reply {
  return reply.map([
    reply.bulk('flags'),
    reply.set(flagsOf(client.tracking).map((flag) => reply.bulk(flag))),
    reply.bulk('redirect'),
    reply.integer(redirectOf(client)),
    reply.bulk('prefixes'),
    reply.bulks(client.tracking?.prefixes ?? []),
  ]);
}

function flagsOf(tracking: TrackedClient | undefined): readonly string[] {
  if (tracking === undefined) return ['off'];
  const { broadcasts, optIn, optOut, caching, noLoop, isBroken } = tracking;
  return [
    'on',
    ...(broadcasts ? ['bcast'] : []),
    ...(optIn ? ['optin', ...(caching ? ['caching-yes'] : [])] : []),
    ...(optOut ? ['optout', ...(caching ? ['caching-no'] : [])] : []),
    ...(noLoop ? ['noloop'] : []),
    ...(isBroken ? ['broken_redirect'] : []),
  ];
}
