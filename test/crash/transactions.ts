/**
 * Transactions of the crash loop: one command for the generator and the model, many for the server, so that others run before it
 * ends.
 */

import type { Reply } from '../support/decode-reply.js';
import { encodeCommand } from '../support/resp-connection.js';
import { below, type Maker } from './generator-source.js';
import { apply, type Command } from './model.js';
import type { KeyState } from './model-value.js';

/** The name of what is no command: its arguments are commands, as JSON. */
const TRANSACTION = 'TRANSACTION';

const FEWEST = 2000;
const MOST = 8000;

/** Each of its commands is made for the state to which those before it lead. */
export function transactionOf(make: Maker): Maker {
  return (source) => {
    const state: KeyState = new Map(source.state);
    const commands: string[] = [];
    for (let left = FEWEST + below(source, MOST - FEWEST); left > 0; left--) {
      const command = make({ ...source, state });
      apply(state, command);
      commands.push(JSON.stringify(command));
    }
    return [TRANSACTION, ...commands];
  };
}

/** The commands that the server is sent for one of the generator's. */
function sentFor(command: Command): readonly Command[] {
  const [name, ...texts] = command;
  if (name !== TRANSACTION) return [command];
  return [['MULTI'], ...texts.map((text) => JSON.parse(text) as Command), ['EXEC']];
}

export function encodeSent(command: Command): Buffer {
  return Buffer.concat(sentFor(command).map(encodeCommand));
}

/** How many replies come, of which the last one counts. */
export function repliesTo(command: Command): number {
  return command[0] === TRANSACTION ? command.length + 1 : 1;
}

/** Applies it to the state of the model; gives the reply that counts. */
export function applySent(state: KeyState, command: Command): Reply {
  const sent = sentFor(command);
  if (sent.length === 1) return apply(state, command);
  return sent.slice(1, -1).map((each) => apply(state, each));
}

/** The states that a kill may leave: what was acknowledged, and then each command in flight, in order, whole or not at all. */
export function possibleStates(acknowledged: KeyState, inFlight: readonly Command[]): KeyState[] {
  const states = [new Map(acknowledged)];
  for (const command of inFlight) {
    const next: KeyState = new Map(states.at(-1));
    applySent(next, command);
    states.push(next);
  }
  return states;
}
