/** What a client's keys must hold: the commands of the crash loop, applied to a map in memory. */

import type { Reply } from '../support/decode-reply.js';
import { functionHandlers } from './functions.js';
import { collectionHandlers } from './model-collections.js';
import { streamHandlers } from './model-stream.js';
import { stringHandlers } from './model-strings.js';
import { type Handlers, type KeyState, NEVER } from './model-value.js';

/** Command name first; all latin1. */
export type Command = readonly string[];

const genericHandlers: Handlers = {
  DEL: (state, keys) => keys.filter((key) => state.delete(key)).length,
  PEXPIREAT: (state, [key = '', at = '0']) => setExpiry(state, key, Number(at)),
  PERSIST: (state, [key = '']) =>
    state.get(key)?.expireAt === NEVER ? 0 : setExpiry(state, key, NEVER),
  RENAME: (state, [from = '', to = '']) => {
    const entry = state.get(from);
    if (entry === undefined) throw new Error('the generator renames only what exists');
    state.delete(from);
    state.set(to, entry);
    return 'OK';
  },
  COPY: (state, [from = '', to = '']) => {
    const entry = state.get(from);
    if (entry === undefined) return 0;
    state.set(to, entry);
    return 1;
  },
};

const HANDLERS: Handlers = {
  ...genericHandlers,
  ...stringHandlers,
  ...collectionHandlers,
  ...streamHandlers,
  ...functionHandlers,
};

/** Applies a command; gives the reply that the server must send. */
export function apply(state: KeyState, command: Command): Reply {
  const [name = '', ...args] = command;
  const handler = HANDLERS[name];
  if (handler === undefined) throw new Error(`the model does not know ${name}`);
  return handler(state, args);
}

function setExpiry(state: KeyState, key: string, expireAt: number): number {
  const entry = state.get(key);
  if (entry === undefined) return 0;
  state.set(key, { value: entry.value, expireAt });
  return 1;
}
