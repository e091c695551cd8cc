/** DEBUG: what tests do to a server and nobody else should. `security.debug_command` says who may. */

import { matchesGlob } from '../../base/glob.js';
import { parseSize } from '../../config/units.js';
import type { KeyRecord } from '../../keyspace/header.js';
import type { Reply } from '../../protocol/reply.js';
import { isString, lengthOf, set } from '../../types/string/string.js';
import { parseIntegerWithin } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { encodingName, referenceCount } from '../generic/object.js';
import { type HelpEntry, helpLines } from '../help.js';
import type { Command } from '../spec.js';
import { runDigest, runDigestValue } from './debug-digest.js';
import { runProtocol } from './debug-protocol.js';

interface DebugAction {
  readonly run: NonNullable<Command['run']>;
  /** Arguments after the action's name. */
  readonly least: number;
  readonly most: number;
  readonly help: HelpEntry;
}

/** The whole server stops, as in Redis: tests count on nothing happening meanwhile. */
function runSleep({ reply }: CommandContext, argv: readonly string[]): Reply {
  const seconds = Number.parseFloat(argv[2] as string);
  const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  if (seconds > 0) Atomics.wait(cell, 0, 0, seconds * 1000);
  return reply.ok;
}

function runSetActiveExpire({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const on = Number.parseInt(argv[2] as string, 10) !== 0;
  server.keyspace.transaction.effect(() => server.setActiveExpiry(on));
  return reply.ok;
}

function runPauseCron({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const isPaused = Number.parseInt(argv[2] as string, 10) !== 0;
  server.keyspace.transaction.effect(() => {
    server.isCronPaused = isPaused;
  });
  return reply.ok;
}

function runAllowAll({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const allows = Number.parseInt(argv[2] as string, 10) !== 0;
  server.keyspace.transaction.effect(() => {
    server.scripts.allowsAll = allows;
  });
  return reply.ok;
}

/** Everything is written to the store and forgotten, so that what follows reads it from disk. */
function runReload(context: CommandContext, argv: readonly string[]): Reply {
  for (const option of argv.slice(2)) {
    if (!['merge', 'noflush', 'nosave'].includes(option.toLowerCase())) {
      fail('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
    }
  }
  const { checkpointer, keyspace } = context.server;
  context.await('reload', async () => {
    await checkpointer.checkpoint();
    keyspace.residents.evictAll();
  });
  return context.reply.ok;
}

function runLog({ reply, server }: CommandContext, argv: readonly string[]): Reply {
  const { keyspace, logger } = server;
  keyspace.transaction.effect(() => logger.warn({}, `DEBUG LOG: ${argv[2]}`));
  return reply.ok;
}

function runObject({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const entry = db.entry(argv[2] as string);
  if (entry?.record === undefined) return fail(errors.noSuchKey);
  const { record } = entry;
  const fields = [
    `Value at:0x${(entry.hash >>> 0).toString(16)}`,
    `refcount:${referenceCount(record)}`,
    `encoding:${encodingName(record)}`,
    `serializedlength:${serializedLength(record)}`,
    'lru:0',
    'lru_seconds_idle:0',
  ];
  return reply.simple(fields.join(' '));
}

/** Bytes that Redis's snapshot would spend on it, uncompressed: integers have three short forms. */
function serializedLength(record: KeyRecord): number {
  const length = isString(record) ? lengthOf(record) : 0;
  if (encodingName(record) !== 'int' || length > 11) return length + 1;
  const value = Number(typeof record === 'string' ? record : record.value);
  if (value >= -128 && value <= 127) return 2;
  if (value >= -32_768 && value <= 32_767) return 3;
  return value >= -2_147_483_648 && value <= 2_147_483_647 ? 5 : length + 1;
}

/** Makes string keys `prefix:0`, `prefix:1` … where there are none, their values filled up with zeros to a size. */
function runPopulate({ db, reply }: CommandContext, argv: readonly string[]): Reply {
  const positive = 'ERR value is out of range, must be positive';
  const most = Number.MAX_SAFE_INTEGER;
  const count = parseIntegerWithin(argv[2] as string, 0, most, positive);
  const prefix = argv[3] ?? 'key';
  const size = argv[4] === undefined ? 0 : parseIntegerWithin(argv[4], 0, most, positive);
  for (let i = 0; i < count; i++) {
    const key = `${prefix}:${i}`;
    if (db.get(key) !== undefined) continue;
    const value = `value:${i}`;
    set(db, key, size === 0 ? value : value.slice(0, size).padEnd(size, '\0'));
  }
  return reply.ok;
}

/** Tests that patterns with many stars end in time. */
function runMatchLength({ reply }: CommandContext, argv: readonly string[]): Reply {
  const length = parseIntegerWithin(argv[2] as string, 0, 0x1000_0000);
  matchesGlob(argv[3] as string, 'a'.repeat(length));
  return reply.ok;
}

/** Elements above Redis's threshold get a node of their own. Here each is a record of its own at any size. */
function runPackedThreshold({ reply }: CommandContext, argv: readonly string[]): Reply {
  const bytes = parseSize(argv[2] as string);
  if (bytes !== undefined && bytes <= PACKED_THRESHOLD_MAX) return reply.ok;
  return fail('ERR argument must be a memory value bigger than 1 and smaller than 4gb');
}

const PACKED_THRESHOLD_MAX = 2 ** 32 - 2 ** 20;
const MANY = Number.POSITIVE_INFINITY;

const actions: Readonly<Record<string, DebugAction>> = {
  'change-repl-id': {
    // No replica knows the id: there is nothing to change.
    run: ({ reply }) => reply.ok,
    least: 0,
    most: 0,
    help: ['CHANGE-REPL-ID', 'Forget what replicas know of the data. There are none.'],
  },
  digest: {
    run: runDigest,
    least: 0,
    most: 0,
    help: ['DIGEST', 'A digest of all databases.'],
  },
  'digest-value': {
    run: runDigestValue,
    least: 0,
    most: MANY,
    help: ['DIGEST-VALUE <key> [<key> ...]', 'A digest of the value of each key.'],
  },
  error: {
    run: (_, argv) => fail(argv[2] as string),
    least: 1,
    most: 1,
    help: ['ERROR <string>', 'Answer with this error.'],
  },
  jmap: {
    run: ({ reply }) => reply.ok,
    least: 0,
    most: 0,
    help: ['JMAP', 'Nothing: for tests that call it.'],
  },
  loadaof: {
    run: runReload,
    least: 0,
    most: 0,
    help: ['LOADAOF', 'The same as RELOAD.'],
  },
  log: { run: runLog, least: 1, most: 1, help: ['LOG <message>', "Write to the server's log."] },
  object: {
    run: runObject,
    least: 1,
    most: 2,
    help: ['OBJECT <key>', 'What Redis would say of the value.'],
  },
  'pause-cron': {
    run: runPauseCron,
    least: 1,
    most: 1,
    help: ['PAUSE-CRON <0|1>', 'Let what is done from time to time rest, or go on.'],
  },
  populate: {
    run: runPopulate,
    least: 1,
    most: 3,
    help: ['POPULATE <count> [<prefix>] [<size>]', 'Create string keys named key:<number>.'],
  },
  protocol: {
    run: runProtocol,
    least: 1,
    most: 1,
    help: ['PROTOCOL <type>', 'Answer with a value of that type of the protocol.'],
  },
  'quicklist-packed-threshold': {
    run: runPackedThreshold,
    least: 1,
    most: 1,
    help: ['QUICKLIST-PACKED-THRESHOLD <size>', 'Nothing: for tests that call it.'],
  },
  reload: {
    run: runReload,
    least: 0,
    most: MANY,
    help: ['RELOAD', 'Write everything to the store, forget it, read it again when it is used.'],
  },
  replybuffer: {
    // Replies are gathered in chunks that all clients share.
    run: ({ reply }) => reply.ok,
    least: 2,
    most: 2,
    help: ['REPLYBUFFER <subcommand> <value>', 'Nothing: for tests that call it.'],
  },
  'set-active-expire': {
    run: runSetActiveExpire,
    least: 1,
    most: 1,
    help: ['SET-ACTIVE-EXPIRE <0|1>', 'Let expired keys go by themselves, or only when read.'],
  },
  'set-disable-deny-scripts': {
    run: runAllowAll,
    least: 1,
    most: 1,
    help: ['SET-DISABLE-DENY-SCRIPTS <0|1>', 'Let scripts call what they must not, or not.'],
  },
  sleep: {
    run: runSleep,
    least: 1,
    most: 1,
    help: ['SLEEP <seconds>', 'Stop the server for that long. Decimals allowed.'],
  },
  'stringmatch-len': {
    run: runMatchLength,
    least: 2,
    most: 2,
    help: ['STRINGMATCH-LEN <len> <pattern>', 'Match the pattern against so many letters a.'],
  },
};

const help = helpLines(
  'debug',
  Object.values(actions).map((action) => action.help),
);

/** Addresses of this machine: loopback, or a unix socket's path. */
function isLocal(address: string): boolean {
  return /^(127\.|\[?::1\]?[:/]|\[?::ffff:127\.|\/)/.test(address);
}

function checkAllowed({ client, server }: CommandContext): void {
  const { debugCommand } = server.config.values.security;
  if (debugCommand === 'yes' || (debugCommand === 'local' && isLocal(client.address))) return;
  fail(
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
  );
}

function runDebug(context: CommandContext, argv: readonly string[]): Reply {
  checkAllowed(context);
  const name = (argv[1] as string).toLowerCase();
  const { reply } = context;
  if (name === 'help') return reply.array(help.map((line) => reply.simple(line)));
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const count = argv.length - 2;
  if (action !== undefined && count >= action.least && count <= action.most) {
    return action.run(context, argv);
  }
  const what = 'unknown subcommand or wrong number of arguments';
  return fail(`ERR ${what} for '${argv[1]}'. Try DEBUG HELP.`);
}

export const debugCommands: readonly Command[] = [
  {
    name: 'debug',
    summary: 'Does to the server what only tests should.',
    since: '1.0.0',
    group: 'server',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: ['admin', 'noscript', 'loading', 'stale'],
    run: runDebug,
  },
];
