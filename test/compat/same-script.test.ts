/**
 * The same commands to DiskDB and to Debian's redis-server: every raw reply must be the same, byte for byte, in RESP2 and RESP3.
 * What must differ (times, ids, the order of a hash table) is normalised by the rules below, and by nothing else.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RespConnection } from '../support/resp-connection.js';
import { missing, type Server, startServer, subject } from '../support/server.js';
import { parseLine } from './parse-line.js';
import { SECTIONS } from './script.js';

const RESET_COMMANDS = [['RESET'], ['FLUSHALL'], ['CONFIG', 'SET', 'maxmemory', '0']];

type Normaliser = (reply: string) => string;

const digits: Normaliser = (reply) => reply.replace(/\d+/g, 'N');

/** The bulk strings of an array in alphabetical order: a set of keys has none of its own. */
const sorted: Normaliser = (reply) => {
  const parts = reply.split(/(?=\$\d+\r\n)/);
  const [head = '', ...bulks] = parts;
  return [head, ...bulks.sort()].join('');
};

/** SCAN's cursor is part of the reply, and must stay in its place. */
const sortedAfterCursor: Normaliser = (reply) => {
  const keys = reply.indexOf('*', 1);
  return keys < 0 ? reply : reply.slice(0, keys) + sorted(reply.slice(keys));
};

/** By the first words of the command: why two right servers answer differently. */
const NORMALISERS: readonly (readonly [RegExp, Normaliser])[] = [
  [/^(TIME|LASTSAVE|CLIENT ID)$/i, digits],
  [/^KEYS /i, sorted],
  [/^SCAN /i, sortedAfterCursor],
];

const reason = missing(subject()) ?? missing('redis');
if (reason !== undefined) process.stderr.write(`test/compat/same-script is skipped: ${reason}\n`);

describe.skipIf(reason !== undefined)('the same script', () => {
  let servers: Server[] = [];
  beforeAll(async () => {
    servers = await Promise.all([startServer(subject()), startServer('redis')]);
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  describe.each(['2', '3'])('RESP%s', (protocol) => {
    it.each(Object.keys(SECTIONS))('%s', async (section) => {
      const lines = linesOf(SECTIONS[section] ?? '');
      const [ours, theirs] = await Promise.all(
        servers.map((server) => runScript(server, protocol, lines)),
      );
      expect(ours).toEqual(theirs);
    });
  });
});

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

/** Each command with its reply, one text a line, so that a difference shows its command. */
async function runScript(
  server: Server,
  protocol: string,
  lines: readonly string[],
): Promise<string[]> {
  const connection = await RespConnection.open(server.port);
  try {
    for (const command of RESET_COMMANDS) await connection.send(...command);
    await connection.send('HELLO', protocol);
    const replies: string[] = [];
    for (const line of lines) {
      const reply = await connection.send(...parseLine(line));
      replies.push(`${line} → ${JSON.stringify(normalise(line, reply.toString('latin1')))}`);
    }
    return replies;
  } finally {
    connection.close();
  }
}

function normalise(line: string, reply: string): string {
  const rule = NORMALISERS.find(([pattern]) => pattern.test(line));
  return rule === undefined ? reply : rule[1](reply);
}
