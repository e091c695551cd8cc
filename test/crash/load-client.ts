/** One client under load: it keeps some commands in flight, checks every reply against the model, and stops when killed. */

import { isDeepStrictEqual } from 'node:util';
import { decodeReply, ErrorReply, type Reply } from '../support/decode-reply.js';
import { RespConnection } from '../support/resp-connection.js';
import type { Generator } from './generator.js';
import type { Command } from './model.js';
import type { KeyState } from './model-value.js';
import { applySent, encodeSent, repliesTo } from './transactions.js';

const MAX_IN_FLIGHT = 8;
const SHOWN_ARGUMENTS = 10;
const SHOWN_CHARACTERS = 60;

interface Sent {
  readonly command: Command;
  readonly expected: Reply;
}

export class LoadClient {
  readonly #generator: Generator;
  readonly #random: () => number;
  /** What the server has acknowledged. */
  #acknowledged: KeyState = new Map();
  /** What all commands sent so far lead to. */
  #predicted: KeyState = new Map();
  #inFlight: Sent[] = [];
  #connection: RespConnection | undefined;
  #stopping = false;
  readonly violations: string[] = [];
  acknowledgedCount = 0;

  constructor(generator: Generator, random: () => number) {
    this.#generator = generator;
    this.#random = random;
  }

  get keys(): readonly string[] {
    return this.#generator.keys;
  }

  get acknowledged(): KeyState {
    return this.#acknowledged;
  }

  get inFlight(): Command[] {
    return this.#inFlight.map(({ command }) => command);
  }

  /** Continues from what a restart was found to have kept. */
  settle(state: KeyState): void {
    this.#acknowledged = state;
    this.#predicted = new Map(state);
    this.#inFlight = [];
  }

  async connect(port: number): Promise<void> {
    this.#connection = await RespConnection.open(port);
    this.#stopping = false;
  }

  /** Sends and checks until the connection ends. */
  async run(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) throw new Error('connect first');
    while (!this.#stopping) {
      this.#fill(connection);
      try {
        this.#check(decodeReply(await this.#lastReply(connection)));
      } catch {
        // The kill: what is in flight now may have happened or not.
        return;
      }
    }
    connection.close();
  }

  #fill(connection: RespConnection): void {
    const depth = 1 + Math.floor(this.#random() * MAX_IN_FLIGHT);
    while (this.#inFlight.length < depth) {
      const command = this.#generator.next(this.#predicted);
      const expected = applySent(this.#predicted, command);
      this.#inFlight.push({ command, expected });
      connection.write(encodeSent(command));
    }
  }

  /** To the oldest command in flight. */
  async #lastReply(connection: RespConnection): Promise<Buffer> {
    const [oldest] = this.#inFlight;
    for (let left = oldest === undefined ? 0 : repliesTo(oldest.command) - 1; left > 0; left--) {
      await connection.read();
    }
    return connection.read();
  }

  #check(reply: Reply): void {
    const sent = this.#inFlight.shift();
    if (sent === undefined) throw new Error('a reply to nothing');
    if (reply instanceof ErrorReply || !isDeepStrictEqual(reply, sent.expected)) {
      this.violations.push(
        `${describe(sent.command)} answered ${show(reply)}, not ${show(sent.expected)}`,
      );
      this.#stopping = true;
      return;
    }
    applySent(this.#acknowledged, sent.command);
    this.acknowledgedCount++;
  }
}

/** A command, its long arguments cut. */
export function describe(command: Command): string {
  return command
    .slice(0, SHOWN_ARGUMENTS)
    .map((argument) => shorten(argument))
    .join(' ');
}

function show(reply: Reply): string {
  return reply instanceof ErrorReply ? `-${reply.message}` : shorten(JSON.stringify(reply));
}

function shorten(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length})`;
}
