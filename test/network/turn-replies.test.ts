/** Replies of a turn: their order, what they take, and that each turn has its own. */

import { expect, test } from 'vitest';
import { OutputChunk } from '../../src/network/output-chunk.js';
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

test('many short ones are gathered in chunks, in order', () => {
  const replies = new TurnReplies();
  const texts = Array.from({ length: 90 }, (_, i) => `${i}.`.repeat(i * 9));
  for (const text of [...texts, LONG, ...texts]) replies.add(text);
  const all = [...texts, LONG, ...texts].join('');
  expect(replies.bytes).toBe(all.length);
  const pieces = sent(replies);
  const chunks = pieces.filter((piece) => piece instanceof OutputChunk);
  expect(chunks.length).toBeGreaterThan(2);
  expect(pieces.map(textOf).join('') === all).toBe(true);
  for (const chunk of chunks) chunk.release();
});

function textOf(piece: unknown): string {
  return piece instanceof OutputChunk ? piece.bytes.toString('latin1') : String(piece);
}

test('each turn has its own', () => {
  const replies = new TurnReplies();
  replies.add(LONG);
  const first = replies.take();
  replies.add('b');
  expect(first).toEqual({ large: [LONG], text: '', count: 1 });
  expect(replies.take()).toEqual({ large: [], text: 'b', count: 1 });
  expect(replies.bytes).toBe(0);
});

test('messages keep their place among the replies, and are not counted as such', () => {
  const replies = new TurnReplies();
  replies.add('a');
  replies.addMessage('m');
  replies.add('b');
  expect(replies.take()).toEqual({ large: [], text: 'amb', count: 2 });
});
