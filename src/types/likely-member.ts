/** Which member of a collection a request names, guessed from the type alone: for looking at its record ahead. */

import type { Argument } from '../base/large-string.js';
import { HASH_FIELDS } from '../keyspace/field-expiry.js';
import { type TypeNumber, ValueType } from '../keyspace/header.js';
import type { Member } from '../keyspace/member-names.js';
import { MEMBERS_TABLE as SET_MEMBERS } from './set/set.js';
import { MEMBERS_TABLE as SORTED_SET_MEMBERS } from './sorted-set/sorted-set.js';

/** Behind the command and the key: HSET key field …, SADD key member …, but ZADD key score member. */
const FIRST_MEMBER = 2;

/** The member that most commands of the type would mean with these arguments; what it is not does no harm. */
export function likelyMember(type: TypeNumber, args: readonly Argument[]): Member | undefined {
  if (args.length <= FIRST_MEMBER) return undefined;
  if (type === ValueType.hash) return member(HASH_FIELDS, args[FIRST_MEMBER]);
  if (type === ValueType.set) return member(SET_MEMBERS, args[FIRST_MEMBER]);
  if (type === ValueType.zset) return member(SORTED_SET_MEMBERS, args[args.length - 1]);
  return undefined;
}

function member(table: number, argument: Argument | undefined): Member | undefined {
  return typeof argument === 'string' ? { table, member: argument } : undefined;
}
