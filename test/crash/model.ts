/** What a client's keys must hold: the commands of the crash loop, applied to a map in memory. */

import type { Reply } from '../support/decode-reply.js';

/** A string and when it expires: milliseconds since 1970, 0 for never. */
export interface Entry {
  readonly value: string;
  readonly expireAt: number;
}

export type KeyState = Map<string, Entry>;

/** Command name first; all latin1. */
export type Command = readonly string[];

const NEVER = 0;

type Handler = (state: KeyState, args: readonly string[]) => Reply;

const HANDLERS: Readonly<Record<string, Handler>> = {
  SET: (state, [key = '', value = '', option, at]) => {
    state.set(key, { value, expireAt: option === 'PXAT' ? Number(at) : NEVER });
    return 'OK';
  },
  GET: (state, [key = '']) => state.get(key)?.value ?? null,
  GETDEL: (state, [key = '']) => {
    const value = state.get(key)?.value ?? null;
    state.delete(key);
    return value;
  },
  INCR: (state, [key = '']) => addTo(state, key, 1),
  INCRBY: (state, [key = '', by = '0']) => addTo(state, key, Number(by)),
  APPEND: (state, [key = '', tail = '']) => change(state, key, (value) => value + tail),
  SETRANGE: (state, [key = '', offset = '0', patch = '']) =>
    patch === ''
      ? (state.get(key)?.value.length ?? 0)
      : change(state, key, (value) => overwrite(value, Number(offset), patch)),
  DEL: (state, keys) => keys.filter((key) => state.delete(key)).length,
  PEXPIREAT: (state, [key = '', at = '0']) => setExpiry(state, key, Number(at)),
  PERSIST: (state, [key = '']) =>
    state.get(key)?.expireAt === NEVER ? 0 : setExpiry(state, key, NEVER),
  MSET: (state, pairs) => {
    for (let at = 0; at < pairs.length; at += 2) {
      state.set(pairs[at] as string, { value: pairs[at + 1] as string, expireAt: NEVER });
    }
    return 'OK';
  },
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

/** Applies a command; gives the reply that the server must send. */
export function apply(state: KeyState, command: Command): Reply {
  const [name = '', ...args] = command;
  const handler = HANDLERS[name];
  if (handler === undefined) throw new Error(`the model does not know ${name}`);
  return handler(state, args);
}

/** The states that a kill may leave: what was acknowledged, and then each command in flight, in order, whole or not at all. */
export function possibleStates(acknowledged: KeyState, inFlight: readonly Command[]): KeyState[] {
  const states = [new Map(acknowledged)];
  for (const command of inFlight) {
    const next: KeyState = new Map(states.at(-1));
    apply(next, command);
    states.push(next);
  }
  return states;
}

function addTo(state: KeyState, key: string, by: number): number {
  const entry = state.get(key);
  const sum = Number(entry?.value ?? 0) + by;
  state.set(key, { value: String(sum), expireAt: entry?.expireAt ?? NEVER });
  return sum;
}

function change(state: KeyState, key: string, edit: (value: string) => string): number {
  const entry = state.get(key);
  const value = edit(entry?.value ?? '');
  state.set(key, { value, expireAt: entry?.expireAt ?? NEVER });
  return value.length;
}

function overwrite(value: string, offset: number, patch: string): string {
  return value.padEnd(offset, '\0').slice(0, offset) + patch + value.slice(offset + patch.length);
}

function setExpiry(state: KeyState, key: string, expireAt: number): number {
  const entry = state.get(key);
  if (entry === undefined) return 0;
  state.set(key, { value: entry.value, expireAt });
  return 1;
}
