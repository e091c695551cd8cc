/** Replies of a turn: their order, what they take, and that each turn has its own. */

import { expect, test } from 'vitest';
import { TurnReplies } from '../../src/network/turn-replies.js';
import { LargeReply } from '../../src/protocol/reply.js';

const LONG = 'x'.repeat(1024 * 1024);

/** All of it, in the order in which it is sent. */
function sent(replies: TurnReplies): readonly unknown[] {
  const { large, text } = replies.take();
  return text === '' ? large : [...large, text];
}

test('short replies are joined, around long ones too', () => {
  const replies = new TurnReplies();
  const streamed = new LargeReply(['head']);
  for (const reply of ['a', 'b', LONG, 'c', streamed, 'd', 'e']) replies.add(reply);
  expect(replies.bytes).toBe('abcdehead'.length + LONG.length);
  expect(sent(replies)).toEqual(['ab', LONG, 'c', streamed, 'de']);
});

test('what is joined does not grow beyond a MiB', () => {
  const replies = new TurnReplies();
  for (let i = 0; i < 3; i++) replies.add(LONG.slice(1));
  expect(sent(replies).map((reply) => (reply as string).length)).toEqual([
    2 ** 21 - 2,
    2 ** 20 - 1,
  ]);
});

test('each turn has its own', () => {
  const replies = new TurnReplies();
  replies.add(LONG);
  const first = replies.take();
  replies.add('b');
  expect(first).toEqual({ large: [LONG], text: '', count: 1 });
  expect(replies.take()).toEqual({ large: [], text: 'b', count: 1 });
  expect(replies.bytes).toBe(0);
});
