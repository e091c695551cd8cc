/**
 * How many steps C takes at most to match a pattern of Lua: https://www.lua.org/manual/5.1/manual.html#5.4.1
 *
 * An item that repeats is tried with every length of the run of characters that it finds, at every place. So the steps
 * are at most the product of the longest runs of all items that repeat, for each place where the match may begin.
 */

type Class = Uint8Array;

/** First and last character of each range. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  a: ['az', 'AZ'],
  c: ['\0\x1f', '\x7f\x7f'],
  d: ['09'],
  l: ['az'],
  p: ['!/', ':@', '[`', '{~'],
  s: ['\t\r', '  '],
  u: ['AZ'],
  w: ['az', 'AZ', '09'],
  x: ['09', 'af', 'AF'],
  z: ['\0\0'],
};
const REPEATS: ReadonlySet<string> = new Set('*+-?');
/** Patterns that are remembered: a script has few. */
const KEPT = 100;

/** Characters that C compares at a step, of a capture that is to come again. */
const COMPARED = 64;

interface Parsed {
  readonly isAnchored: boolean;
  /** How many pairs of brackets, and captures that are to come again: each looks at as much as there is. */
  readonly balances: number;
  readonly references: number;
  /** What repeats: the characters it stands for, or undefined for `?`, which takes one at most. */
  readonly repeated: readonly (Class | undefined)[];
}

const parsed = new Map<string, Parsed>();

/** An upper bound. Both texts have a character a byte. */
export function stepsOf(subject: Uint8Array, pattern: string): number {
  const { isAnchored, balances, references, repeated } = parse(pattern);
  const places = subject.length + 1;
  let steps = isAnchored ? 1 : places;
  steps *= places ** balances * (1 + places / COMPARED) ** references;
  for (const characters of repeated) {
    steps *= characters === undefined ? 2 : longestRun(subject, characters) + 1;
  }
  return steps;
}

function longestRun(subject: Uint8Array, characters: Class): number {
  let [longest, run] = [0, 0];
  for (let i = 0; i < subject.length; i++) {
    run = characters[subject[i] as number] === 1 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

function parse(pattern: string): Parsed {
  const known = parsed.get(pattern);
  if (known !== undefined) return known;
  const repeated: (Class | undefined)[] = [];
  for (let at = 0; at < pattern.length; ) {
    const end = endOfItem(pattern, at);
    const repeat = pattern[end] ?? '';
    if (REPEATS.has(repeat)) {
      repeated.push(repeat === '?' ? undefined : classOf(pattern.slice(at, end)));
    }
    at = REPEATS.has(repeat) ? end + 1 : end;
  }
  const result = {
    isAnchored: pattern.startsWith('^'),
    balances: pattern.split('%b').length - 1,
    references: pattern.split(/%[1-9]/).length - 1,
    repeated,
  };
  if (parsed.size >= KEPT) parsed.clear();
  parsed.set(pattern, result);
  return result;
}

/** Behind a character, an escaped one, or a set. */
function endOfItem(pattern: string, start: number): number {
  if (pattern[start] === '%') return start + 2;
  if (pattern[start] !== '[') return start + 1;
  const first = pattern[start + 1] === '^' ? start + 2 : start + 1;
  // The first one is a member, whatever it is.
  let at = first;
  while (at < pattern.length && (at === first || pattern[at] !== ']')) {
    at += pattern[at] === '%' ? 2 : 1;
  }
  return at + 1;
}

/** 1 for each character that the item stands for. */
export function classOf(item: string): Class {
  const characters = new Uint8Array(256);
  const test = item.length > 1 && item.startsWith('[') ? setTest(item) : singleTest(item);
  for (let code = 0; code < 256; code++) {
    if (test(String.fromCharCode(code))) characters[code] = 1;
  }
  return characters;
}

type Test = (character: string) => boolean;

function singleTest(item: string): Test {
  if (item === '.') return () => true;
  if (!item.startsWith('%')) return (character) => character === item;
  const letter = item[1] ?? '';
  const members = CLASSES[letter.toLowerCase()];
  if (members === undefined) return (character) => character === letter;
  const isNegated = letter !== letter.toLowerCase();
  const isMember = (character: string): boolean =>
    members.some((range) => (range[0] as string) <= character && character <= (range[1] as string));
  return (character) => isMember(character) !== isNegated;
}

function setTest(item: string): Test {
  const isNegated = item[1] === '^';
  const members = item.slice(isNegated ? 2 : 1, -1);
  const tests: Test[] = [];
  for (let at = 0; at < members.length; ) {
    const [from, dash, to] = [members[at] as string, members[at + 1], members[at + 2]];
    if (from === '%') {
      tests.push(singleTest(members.slice(at, at + 2)));
      at += 2;
    } else if (dash === '-' && to !== undefined) {
      tests.push((character) => from <= character && character <= to);
      at += 3;
    } else {
      tests.push((character) => character === from);
      at++;
    }
  }
  return (character) => tests.some((test) => test(character)) !== isNegated;
}
