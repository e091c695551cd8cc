/** A keyspace with a key of each type under one name or several, that hostile requests are run against. */

import { commandGroups } from '../../src/commands/groups.js';
import { LargeReply, type Reply } from '../../src/protocol/reply.js';
import { CommandHarness } from '../support/command-harness.js';
import { type Form, requestOf } from './requests.js';

/** By the group of the command that is to find it; of one element, so that chance and order say nothing. */
const KEYS: Readonly<Record<string, (name: string) => readonly (readonly string[])[]>> = {
  hash: (name) => [['HSET', name, name, '1']],
  list: (name) => [['RPUSH', name, name]],
  set: (name) => [['SADD', name, name]],
  'sorted-set': (name) => [['ZADD', name, '1', name]],
  geo: (name) => [['GEOADD', name, '1', '1', name]],
  stream: (name) => [
    ['XADD', name, '0-1', name, '1'],
    ['XGROUP', 'CREATE', name, 'g', '0'],
  ],
  hyperloglog: (name) => [['PFADD', name, name]],
  json: (name) => [['JSON.SET', name, '$', '{"a":[1,2,3]}']],
  string: (name) => [['SET', name, '10']],
};

/** What of a reply is looked at: one may be without end, as `SRANDMEMBER key -9007199254740991`. */
const READ_MAX = 256 * 1024;

export class Victim {
  readonly #harness: CommandHarness;

  private constructor(harness: CommandHarness) {
    this.#harness = harness;
  }

  static async open(): Promise<Victim> {
    return new Victim(await CommandHarness.open(commandGroups, [['debug-command', 'local']]));
  }

  get commands() {
    return this.#harness.commands;
  }

  /** Nothing but a key of the type that the command is about. */
  async prepare(group: string, name: string): Promise<void> {
    await this.#harness.run('FLUSHALL');
    const fill = KEYS[group] ?? KEYS.string;
    for (const request of fill?.(name) ?? []) await this.#harness.run(...request);
  }

  /** The reply, or its beginning, of a client of its own. In MULTI nothing waits. */
  async run(form: Form): Promise<string> {
    const client = this.#harness.connect();
    this.#harness.clients.splice(1);
    const { isBlocking } = form.command;
    if (isBlocking) await client.run('MULTI');
    const reply = await client.reply(...requestOf(form));
    return beginningOf(isBlocking ? await client.reply('EXEC') : reply);
  }

  close(): Promise<void> {
    return this.#harness.close();
  }
}

async function beginningOf(reply: Reply): Promise<string> {
  if (!(reply instanceof LargeReply)) return reply;
  let text = '';
  for (const piece of reply.pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    for (let next = await piece.next(); !next.done; next = await piece.next()) {
      text += next.value;
      if (text.length > READ_MAX) break;
    }
    await piece.return?.();
  }
  return text;
}
