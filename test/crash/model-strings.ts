/** Strings and bitmaps in the crash loop's model. */

import { type Handlers, type KeyState, NEVER } from './model-value.js';

export const stringHandlers: Handlers = {
  SET: (state, [key = '', value = '', option, at]) => {
    state.set(key, { value, expireAt: option === 'PXAT' ? Number(at) : NEVER });
    return 'OK';
  },
  GET: (state, [key = '']) => textAt(state, key) ?? null,
  GETDEL: (state, [key = '']) => {
    const value = textAt(state, key) ?? null;
    state.delete(key);
    return value;
  },
  INCR: (state, [key = '']) => addTo(state, key, 1),
  INCRBY: (state, [key = '', by = '0']) => addTo(state, key, Number(by)),
  APPEND: (state, [key = '', tail = '']) => change(state, key, (value) => value + tail),
  SETRANGE: (state, [key = '', offset = '0', patch = '']) =>
    patch === ''
      ? (textAt(state, key)?.length ?? 0)
      : change(state, key, (value) => overwrite(value, Number(offset), patch)),
  MSET: (state, pairs) => {
    for (let at = 0; at < pairs.length; at += 2) {
      state.set(pairs[at] as string, { value: pairs[at + 1] as string, expireAt: NEVER });
    }
    return 'OK';
  },
  SETBIT: (state, [key = '', offset = '0', bit = '0']) => setBit(state, key, Number(offset), bit),
};

function textAt(state: KeyState, key: string): string | undefined {
  const value = state.get(key)?.value;
  if (typeof value === 'object') throw new Error(`${key} holds no string`);
  return value;
}

function addTo(state: KeyState, key: string, by: number): number {
  const sum = Number(textAt(state, key) ?? 0) + by;
  state.set(key, { value: String(sum), expireAt: state.get(key)?.expireAt ?? NEVER });
  return sum;
}

function change(state: KeyState, key: string, edit: (value: string) => string): number {
  const value = edit(textAt(state, key) ?? '');
  state.set(key, { value, expireAt: state.get(key)?.expireAt ?? NEVER });
  return value.length;
}

function overwrite(value: string, offset: number, patch: string): string {
  return value.padEnd(offset, '\0').slice(0, offset) + patch + value.slice(offset + patch.length);
}

function setBit(state: KeyState, key: string, offset: number, bit: string): number {
  const at = offset >> 3;
  const mask = 0x80 >> (offset & 7);
  const byte = textAt(state, key)?.charCodeAt(at) || 0;
  const patch = String.fromCharCode(bit === '1' ? byte | mask : byte & ~mask);
  change(state, key, (value) => overwrite(value, at, patch));
  return (byte & mask) === 0 ? 0 : 1;
}
