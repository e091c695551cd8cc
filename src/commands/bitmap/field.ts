/** BITFIELD and BITFIELD_RO. */

import type { Argument } from '../../base/large-string.js';
import type { Reply } from '../../protocol/reply.js';
import {
  type FieldOperation,
  type Overflow,
  runFieldOperations,
} from '../../types/bitmap/bitfield.js';
import { parseInteger64, textArgument } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { keyArgument, oneKey, token } from '../key-specs.js';
import type { ArgumentSpec, Command, KeyReference } from '../spec.js';
import { parseFieldOffset } from './offset.js';

/** Arguments of each word after it. */
const wordArguments: ReadonlyMap<string, number> = new Map([
  ['get', 2],
  ['set', 3],
  ['incrby', 3],
  ['overflow', 1],
]);

function parseOperations(context: CommandContext, argv: readonly string[]): FieldOperation[] {
  const operations: FieldOperation[] = [];
  let overflow: Overflow = 'wrap';
  for (let i = 2; i < argv.length; ) {
    const word = (argv[i] as string).toLowerCase();
    const count = wordArguments.get(word) ?? fail(errors.syntax);
    const values = argv.slice(i + 1, i + 1 + count);
    if (values.length < count) fail(errors.syntax);
    if (word === 'overflow') overflow = parseOverflow(values[0] as string);
    else operations.push(parseOperation(context, word, values, overflow));
    i += 1 + count;
  }
  return operations;
}

function parseOverflow(text: string): Overflow {
  const word = text.toLowerCase();
  if (word === 'wrap' || word === 'sat' || word === 'fail') return word;
  return fail('ERR Invalid OVERFLOW type specified');
}

function parseOperation(
  context: CommandContext,
  kind: string,
  [type = '', offsetText = '', valueText = '']: readonly string[],
  overflow: Overflow,
): FieldOperation {
  const { signed, bits } = parseFieldType(type);
  const field = { signed, bits, offset: parseFieldOffset(context, offsetText, bits) };
  if (kind === 'get') return { kind, field };
  const value = BigInt(parseInteger64(valueText));
  return { kind: kind === 'set' ? 'set' : 'incrby', field, value, overflow };
}

function parseFieldType(type: string): { readonly signed: boolean; readonly bits: number } {
  const error =
    'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
  const signed = type.startsWith('i');
  if (!signed && !type.startsWith('u')) fail(error);
  const bits = Number(parseInteger64(type.slice(1), error));
  return bits < 1 || bits > (signed ? 64 : 63) ? fail(error) : { signed, bits };
}

function run(context: CommandContext, argv: readonly string[]): Reply {
  return runAll(context, argv[1] as string, parseOperations(context, argv));
}

function runReadOnly(context: CommandContext, argv: readonly string[]): Reply {
  const operations = parseOperations(context, argv);
  if (operations.some(({ kind }) => kind !== 'get')) {
    fail('ERR BITFIELD_RO only supports the GET subcommand');
  }
  return runAll(context, argv[1] as string, operations);
}

function runAll(
  { db, reply }: CommandContext,
  key: string,
  operations: readonly FieldOperation[],
): Reply {
  const values = runFieldOperations(db, key, operations);
  return reply.array(
    values.map((value) => (value === undefined ? reply.nullBulk : reply.integer(value))),
  );
}

/** With GET alone the key is only read, which the key spec cannot tell. */
function findKeys(argv: readonly Argument[]): readonly KeyReference[] {
  const words = argv.slice(2).map((argument) => textArgument(argument).toLowerCase());
  let i = 0;
  while (i < words.length && (words[i] === 'get' || words[i] === 'overflow')) {
    i += 1 + (wordArguments.get(words[i] as string) as number);
  }
  const reads = i === words.length;
  return [{ position: 1, flags: reads ? ['RO', 'access'] : ['RW', 'access', 'update'] }];
}

const encoding: ArgumentSpec = { name: 'encoding', type: 'string' };
const offset: ArgumentSpec = { name: 'offset', type: 'integer' };

const getField: ArgumentSpec = {
  name: 'get-block',
  type: 'block',
  token: 'GET',
  arguments: [encoding, offset],
};

const changeField: ArgumentSpec = {
  name: 'write',
  type: 'block',
  arguments: [
    {
      name: 'overflow-block',
      type: 'oneof',
      token: 'OVERFLOW',
      flags: ['optional'],
      arguments: [token('WRAP'), token('SAT'), token('FAIL')],
    },
    {
      name: 'write-operation',
      type: 'oneof',
      arguments: [
        {
          name: 'set-block',
          type: 'block',
          token: 'SET',
          arguments: [encoding, offset, { name: 'value', type: 'integer' }],
        },
        {
          name: 'incrby-block',
          type: 'block',
          token: 'INCRBY',
          arguments: [encoding, offset, { name: 'increment', type: 'integer' }],
        },
      ],
    },
  ],
};

export const bitfieldCommands: readonly Command[] = [
  {
    name: 'bitfield',
    summary: 'Reads and changes integers of any width in a string.',
    since: '3.2.0',
    group: 'bitmap',
    complexity: 'O(1) for each operation',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: oneKey(
      ['RW', 'access', 'update', 'variable_flags'],
      'This command allows both access and modification of the key',
    ),
    findKeys,
    arguments: [
      keyArgument,
      {
        name: 'operation',
        type: 'oneof',
        flags: ['optional', 'multiple'],
        arguments: [getField, changeField],
      },
    ],
    run,
  },
  {
    name: 'bitfield_ro',
    summary: 'Reads integers of any width in a string.',
    since: '6.0.0',
    group: 'bitmap',
    complexity: 'O(1) for each operation',
    arity: -2,
    flags: ['readonly', 'fast'],
    keys: oneKey(['RO', 'access']),
    arguments: [keyArgument, { ...getField, flags: ['optional', 'multiple', 'multiple_token'] }],
    run: runReadOnly,
  },
];
