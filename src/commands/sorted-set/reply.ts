/** Replies with members and scores. */

import type { Reply } from '../../protocol/reply.js';
import type { RecordForm } from '../../types/record-stream.js';
import { type ScoredMember, scoredMember } from '../../types/sorted-set/sorted-set.js';
import type { CommandContext } from '../context.js';

/** Members, or with scores pairs: nested in RESP3, one after the other in RESP2. */
export function membersReply(
  { reply }: CommandContext,
  found: readonly ScoredMember[],
  withScores: boolean,
): Reply {
  if (!withScores) return reply.bulks(found.map(({ member }) => member));
  return reply.version === 3 ? pairsReply(reply, found) : flatReply(reply, found);
}

/** The same of the records of members, for a stream of them. */
export function memberForm(reply: CommandContext['reply'], withScores: boolean): RecordForm {
  const nested = withScores && reply.version === 3;
  const share = withScores && !nested ? 2 : 1;
  const pairHead = nested ? reply.arrayHead(2) : '';
  return {
    head: (count) => reply.arrayHead(count * share),
    encode: (name, value) => {
      const { member, score } = scoredMember(name, value);
      return pairHead + reply.bulk(member) + (withScores ? reply.double(score) : '');
    },
  };
}

/** A pair for each member. */
export function pairsReply(reply: CommandContext['reply'], found: readonly ScoredMember[]): Reply {
  return reply.array(
    found.map(({ member, score }) => reply.array([reply.bulk(member), reply.double(score)])),
  );
}

/** Members and scores in turn. */
export function flatReply(reply: CommandContext['reply'], found: readonly ScoredMember[]): Reply {
  return reply.array(
    found.flatMap(({ member, score }) => [reply.bulk(member), reply.double(score)]),
  );
}
