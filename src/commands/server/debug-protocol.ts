/** DEBUG PROTOCOL: one reply of each kind, for tests of clients. */

import type { Reply } from '../../protocol/reply.js';
import { fail } from '../command-error.js';
import type { CommandContext } from '../context.js';

const AFTER_ATTRIBUTE = 'Some real reply following the attribute';
const AFTER_PUSH = 'Some real reply following the push reply';

type Sample = (context: CommandContext) => Reply;

/** In the order in which the error names them. */
const samples: Readonly<Record<string, Sample>> = {
  string: ({ reply }) => reply.bulk('Hello World'),
  integer: ({ reply }) => reply.integer(12_345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: clients' tests expect these very digits
  double: ({ reply }) => reply.double(3.141),
  bignum: ({ reply }) => reply.bigNumber(1_234_567_999_999_999_999_999_999_999_999_999_999n),
  null: ({ reply }) => reply.nullBulk,
  array: ({ reply }) => reply.array([0, 1, 2].map((each) => reply.integer(each))),
  set: ({ reply }) => reply.set([0, 1, 2].map((each) => reply.integer(each))),
  map: ({ reply }) =>
    reply.map([0, 1, 2].flatMap((each) => [reply.integer(each), reply.boolean(each === 1)])),
  attrib: ({ reply }) => {
    const popularity = reply.array([reply.bulk('key:123'), reply.integer(90)]);
    const attribute = reply.attribute([reply.bulk('key-popularity'), popularity]);
    return `${attribute}${reply.bulk(AFTER_ATTRIBUTE)}`;
  },
  push: ({ reply }) => {
    if (reply.version === 2) fail('ERR RESP2 is not supported by this command');
    const push = reply.push([reply.bulk('server-cpu-usage'), reply.integer(42)]);
    return `${push}${reply.bulk(AFTER_PUSH)}`;
  },
  verbatim: ({ reply }) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  true: ({ reply }) => reply.boolean(true),
  false: ({ reply }) => reply.boolean(false),
};

export function runProtocol(context: CommandContext, argv: readonly string[]): Reply {
  const name = (argv[2] as string).toLowerCase();
  const sample = Object.hasOwn(samples, name) ? samples[name] : undefined;
  if (sample !== undefined) return sample(context);
  const names = Object.keys(samples).join('|');
  return fail(`ERR Wrong protocol type name. Please use one of the following: ${names}`);
}
