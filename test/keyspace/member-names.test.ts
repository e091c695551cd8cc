/** The names of members do not depend on what was expected. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashOf, NAME_BYTES, nameOf } from '../../src/keyspace/key-name.js';
import { KeyNames } from '../../src/keyspace/key-names.js';
import { MemberNames } from '../../src/keyspace/member-names.js';

const SEED = 7;
const anyByte = fc.nat({ max: 255 }).map((byte) => String.fromCharCode(byte));
const anyMember = fc.oneof(
  fc.string({ unit: anyByte }),
  fc.string({ unit: anyByte, minLength: NAME_BYTES - 1, maxLength: NAME_BYTES + 2 }),
);

/** As docs/formats/records.md has it. */
function expectedName(table: number, member: string): string {
  const bytes = Buffer.alloc(5);
  bytes[0] = table;
  bytes.writeInt32BE(hashOf(nameOf(member), SEED), 1);
  return bytes.toString('latin1') + nameOf(member);
}

test('a name is the table, the hash and the member, or what stands for a long one', () => {
  fc.assert(
    fc.property(fc.nat({ max: 255 }), anyMember, (table, member) => {
      expect(new MemberNames(new KeyNames(SEED)).of(table, member)).toBe(
        expectedName(table, member),
      );
    }),
  );
});

test('names are right whatever was expected, and in whatever order they are asked for', () => {
  const few = fc.record({
    table: fc.constantFrom(2, 3),
    member: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  const some = fc.array(few, { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(some, some), { maxLength: 4 }), (batches) => {
      const names = new MemberNames(new KeyNames(SEED));
      const nameOfEach = ({ table, member }: { table: number; member: string }): string =>
        expectedName(table, member);
      for (const [expected, asked] of batches) {
        names.expectNone();
        for (const each of expected) expect(names.expect(each)).toBe(nameOfEach(each));
        for (const each of asked) {
          expect(names.of(each.table, each.member)).toBe(nameOfEach(each));
        }
      }
    }),
  );
});

test('what was expected is not worked out again, though some requests name none, or the same', () => {
  const keys = new KeyNames(SEED);
  let asked = 0;
  const get = (): number => {
    asked++;
    return SEED;
  };
  const names = new MemberNames(Object.defineProperty(keys, 'seed', { get }));
  const members = ['a', 'b', 'c', 'd', 'e'].map((member) => ({ table: 2, member }));
  for (const each of members) names.expect(each);
  expect(asked).toBe(members.length);
  for (const member of ['a', 'a', 'c', 'c', 'd', 'e', 'e']) names.of(2, member);
  expect(asked).toBe(members.length);
  names.expectNone();
  names.of(2, 'e');
  expect(asked).toBe(members.length + 1);
});
