/**
 * Libraries of functions in the crash loop. To the model a library is a key that holds its code, under a name that no
 * other command uses; each has one function, of its own name, that returns what only that version of it does.
 */

import { decodeReply } from '../support/decode-reply.js';
import type { RespConnection } from '../support/resp-connection.js';
import { ifThere, key, type Source, type Weighted } from './generator-source.js';
import type { Command } from './model.js';
import { type Entry, type Handlers, NEVER } from './model-value.js';

const CODE = /^#!lua name=(?<name>\w+)\n.*return '(?<answer>[^']*)'/;
const CODE_BYTES = 600;

export const functionMakers: Weighted = [
  [4, load],
  [2, (s) => onLibrary(s, (name) => ['FUNCTION', 'DELETE', name])],
  [3, (s) => onLibrary(s, (name) => ['FCALL', name, '0'])],
];

export const functionHandlers: Handlers = {
  FUNCTION: (state, [action, ...args]) => {
    if (action === 'DELETE') {
      state.delete(args[0] as string);
      return 'OK';
    }
    const code = args[1] as string;
    const { name } = partsOf(code);
    state.set(name, { value: code, expireAt: NEVER });
    return name;
  },
  FCALL: (state, [name = '']) => partsOf(state.get(name)?.value as string).answer,
};

function load(source: Source): Command {
  const name = libraryName(key(source, 'library'));
  const answer = source.value(Math.floor(source.random() * CODE_BYTES));
  const body = `redis.register_function('${name}', function() return '${answer}' end)`;
  return ['FUNCTION', 'LOAD', 'REPLACE', `#!lua name=${name}\n${body}`];
}

function onLibrary(source: Source, command: (name: string) => Command): Command {
  const name = libraryName(key(source, 'library'));
  return ifThere(source, name, command(name), load(source));
}

/** A library's name has letters, digits and underscores. */
export function libraryName(at: string): string {
  return at.replaceAll(':', '_');
}

export function isLibrary(name: string): boolean {
  return /^client_\d+_library\d+$/.test(name);
}

/** The library as the server lists it; undefined if there is none. */
export async function readLibrary(
  connection: RespConnection,
  name: string,
): Promise<Entry | undefined> {
  const reply = await connection.send('FUNCTION', 'LIST', 'LIBRARYNAME', name, 'WITHCODE');
  const [library] = decodeReply(reply) as string[][];
  const value = library?.[library.indexOf('library_code') + 1];
  if (value === undefined) return undefined;
  const answer = decodeReply(await connection.send('FCALL', name, '0'));
  if (answer !== partsOf(value).answer) throw new Error(`${name} answers ${String(answer)}`);
  return { value, expireAt: NEVER };
}

function partsOf(code: string): { readonly name: string; readonly answer: string } {
  const { name, answer } = CODE.exec(code)?.groups ?? {};
  if (name === undefined || answer === undefined) throw new Error(`no library: ${code}`);
  return { name, answer };
}
