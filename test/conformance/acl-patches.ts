/**
 * What Redis 7.2 and 7.4 changed of ACL, where the suite of 7.0 has it in so many words: with these both pass. Denials name the
 * user, and have one key or channel where 7.0 has several; sanitize-payload is always shown; rules of commands are kept as they were
 * given; ACL LOAD leaves clients whose user is still there.
 */

export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const ACL = 'tests/unit/acl.tcl';
const ACL_2 = 'tests/unit/acl-v2.tcl';

export const ACL_PATCHES: readonly Patch[] = [
  { file: ACL, from: '*NOPERM*channels*', to: '*NOPERM*?channel*' },
  {
    file: ACL,
    from: 'assert_equal {user hpuser on nopass resetchannels',
    to: 'assert_match {user hpuser on nopass *resetchannels',
  },
  {
    file: ACL,
    from: 'assert_equal {+@all} $cmdstr',
    to: 'assert_match {+@all*} $cmdstr',
  },
  {
    file: ACL,
    from: 'assert_equal "This user has no permissions',
    to: 'assert_match "*ser* has no permissions',
  },
  {
    file: ACL,
    from: 'catch {r ACL LIST} e\n        assert_match {*I/O error*} $e',
    to: 'catch {r ACL LIST} ignored',
  },
  { file: ACL_2, from: '*NOPERM*keys*', to: '*NOPERM*?key*' },
  {
    file: ACL_2,
    from: '{NOPERM this user has no permissions to access one of the keys used as arguments}',
    to: '{NOPERM *permissions to access *key*}',
  },
  {
    file: ACL_2,
    from: 'assert_equal "This user has no permissions',
    to: 'assert_match "*ser* has no permissions',
  },
];
