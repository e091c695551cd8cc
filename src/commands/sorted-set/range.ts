/** ZRANGE and the commands that it has replaced. */

import type { Reply } from '../../protocol/reply.js';
import type { RecordPart } from '../../types/record-stream.js';
import { store } from '../../types/sorted-set/algebra.js';
import { lexRange } from '../../types/sorted-set/lex.js';
import {
  membersAt,
  membersIn,
  type Part,
  partAt,
  partIn,
  scoreRange,
} from '../../types/sorted-set/range.js';
import { type ScoredMember, SortedSet } from '../../types/sorted-set/sorted-set.js';
import { parseInteger } from '../arguments.js';
import { errors, fail } from '../command-error.js';
import type { CommandContext } from '../context.js';
import { streamIfLarge } from '../large-reply.js';
import { listpackLimits, parseLexInterval, parseScoreInterval } from './arguments.js';
import { memberForm, membersReply } from './reply.js';

type RangeKind = 'rank' | 'score' | 'lex';

/** What a command says of the range by its name; the arguments may say the rest. */
interface RangeForm {
  readonly kind?: RangeKind;
  readonly reverse?: boolean;
  /** The result is stored: there are no scores to ask for. */
  readonly stores?: boolean;
}

interface RangeOptions {
  kind: RangeKind | undefined;
  reverse: boolean | undefined;
  withScores: boolean;
  offset: number;
  /** Negative: all. */
  limit: number;
}

/** A range as asked for; what finds it comes after the arguments have been checked. */
interface RangeRequest {
  readonly withScores: boolean;
  readonly find: (set: SortedSet) => ScoredMember[];
  /** The same, for a stream of them; undefined if there are none. */
  readonly select: (set: SortedSet) => RecordPart | undefined;
}

/** Reads `min max [options]` from `argv[first]` on. */
function parseRange(argv: readonly string[], first: number, form: RangeForm): RangeRequest {
  const options = parseRangeOptions(argv, first + 2, form);
  const { kind = 'rank', reverse = false, withScores, offset } = options;
  if (options.limit !== -1 && kind === 'rank') {
    fail('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  if (withScores && kind === 'lex') {
    fail('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
  }
  const limit = options.limit < 0 ? Number.POSITIVE_INFINITY : options.limit;
  const [from = '', to = ''] = argv.slice(first, first + 2);
  return { withScores, ...finders(kind, from, to, { reverse, offset, limit }) };
}

/** Bounds by score and by member stand with the higher one first if the order is reversed. */
function finders(
  kind: RangeKind,
  from: string,
  to: string,
  part: Part,
): Pick<RangeRequest, 'find' | 'select'> {
  const [min, max] = part.reverse ? [to, from] : [from, to];
  if (kind === 'score') {
    const range = scoreRange(parseScoreInterval(min, max));
    return {
      find: (set) => membersIn(set, range, part),
      select: (set) => partIn(set, range, part),
    };
  }
  if (kind === 'lex') {
    const interval = parseLexInterval(min, max);
    return {
      find: (set) => membersIn(set, lexRange(set, interval, part.reverse), part),
      select: (set) => partIn(set, lexRange(set, interval, part.reverse), part),
    };
  }
  const start = parseInteger(from);
  const stop = parseInteger(to);
  return {
    find: (set) => membersAt(set, start, stop, part.reverse),
    select: (set) => partAt(set, start, stop, part.reverse),
  };
}

function parseRangeOptions(argv: readonly string[], first: number, form: RangeForm): RangeOptions {
  const { kind, reverse, stores = false } = form;
  const options: RangeOptions = { kind, reverse, withScores: false, offset: 0, limit: -1 };
  for (let i = first; i < argv.length; i++) {
    const word = (argv[i] as string).toLowerCase();
    if (word === 'withscores' && !stores) options.withScores = true;
    else if (word === 'limit' && i + 2 < argv.length) {
      options.offset = parseInteger(argv[++i] as string);
      options.limit = parseInteger(argv[++i] as string);
    } else if (word === 'rev' && options.reverse === undefined) options.reverse = true;
    else if (word === 'bylex' && options.kind === undefined) options.kind = 'lex';
    else if (word === 'byscore' && options.kind === undefined) options.kind = 'score';
    else fail(errors.syntax);
  }
  return options;
}

/** ZRANGESTORE: what is found in one sorted set is put at another key. */
export function storeRange(context: CommandContext, argv: readonly string[]): Reply {
  const { find } = parseRange(argv, 3, { stores: true });
  const set = SortedSet.find(context.db, argv[2] as string);
  const found = set === undefined ? [] : find(set);
  store(context.db, argv[1] as string, found, listpackLimits(context));
  return context.reply.integer(found.length);
}

/** The command whose name says this of the range. */
export function rangeCommand(form: RangeForm) {
  return (context: CommandContext, argv: readonly string[]): Reply => {
    const { find, select, withScores } = parseRange(argv, 2, form);
    const set = SortedSet.find(context.db, argv[1] as string);
    const part = set && select(set);
    if (part === undefined || set === undefined) return context.reply.emptyArray;
    const streamed = streamIfLarge(context, set.entry, part, memberForm(context.reply, withScores));
    return streamed ?? membersReply(context, find(set), withScores);
  };
}
