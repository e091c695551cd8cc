/** JSON paths: what they select, of RFC 9535 and of RedisJSON's own; and that no path takes the server's time. */

import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/types/json/parse.js';
import { parsePath } from '../../src/types/json/path.js';
import { PathError, PathLimitError } from '../../src/types/json/path-text.js';
import { type Place, select } from '../../src/types/json/path-walk.js';
import { jsonText } from '../../src/types/json/text.js';
import type { Json } from '../../src/types/json/value.js';

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function selected(path: string, json: string): string {
  const places = select(parsePath(latin1(path)).segments, parseJson(latin1(json)));
  return Buffer.from(jsonText(places.map(({ value }) => value)), 'latin1').toString('utf8');
}

const store =
  '{"store":{"book":[{"author":"A","price":8.95,"tags":["x"]},{"author":"B","price":12.99},{"author":"C","isbn":"i","price":8.99}],"bicycle":{"price":399}}}';
const list = '[0,1,2,3,4,5]';

describe('what a path selects', () => {
  test.each([
    ['$', '[1]', '[[1]]'],
    ['$.store.book[*].author', store, '["A","B","C"]'],
    ['$..author', store, '["A","B","C"]'],
    ['$.store..price', store, '[8.95,12.99,8.99,399]'],
    ['$..book[2]', store, '[{"author":"C","isbn":"i","price":8.99}]'],
    ['$..book[-1].author', store, '["C"]'],
    ['$..book[0,1].author', store, '["A","B"]'],
    ['$..book[:2].author', store, '["A","B"]'],
    ['$..book[?@.isbn].author', store, '["C"]'],
    ['$..book[?@.price<10].author', store, '["A","C"]'],
    ['$.store.book[?(@.price < $.store.bicycle.price && !@.isbn)].author', store, '["A","B"]'],
    ['$..*', '["s",42,{"k":"v"},[0,1]]', '["s",42,{"k":"v"},[0,1],"v",0,1]'],
    ['$[1:4]', list, '[1,2,3]'],
    ['$[::2]', list, '[0,2,4]'],
    ['$[::-2]', list, '[5,3,1]'],
    ['$[-2:]', list, '[4,5]'],
    ['$[4:1:-1]', list, '[4,3,2]'],
    ['$[-99:99]', list, list],
    ['$[1:4:0]', list, '[]'],
    ['$[0,0]', list, '[0,0]'],
    ['$["a","b"]', '{"b":1,"a":2}', '[2,1]'],
    ['$.a', '[1]', '[]'],
    ['$[0]', '{"0":1}', '[]'],
    ['$[?@.b.c == 1]', '{"a":{"b":{"c":1}}}', '[{"b":{"c":1}}]'],
    ['$[?@.t[?@.n==2]].id', '[{"id":1,"t":[{"n":2}]},{"id":2,"t":[]}]', '[1]'],
    ['$["é"].ü', '{"é":{"ü":"😀"}}', '["😀"]'],
    ['$["\\u00e9"]', '{"é":1}', '[1]'],
    ['$.__proto__', '{"__proto__":1}', '[1]'],
    ['$.constructor', '{}', '[]'],
    ['$[?@.length]', '[[1,2],"x"]', '[]'],
  ])('%s', (path, json, expected) => {
    expect(selected(path, json)).toBe(expected);
  });

  test.each([
    ['$[?@==1]', '[1,1.0,"1",true,null]', '[1,1.0]'],
    ['$[?@>1]', '[0,1.5,2,"2",null]', '[1.5,2]'],
    ['$[?@>="b"]', '["a","b","é",1]', '["b","é"]'],
    ['$[?@==null]', '[null,0]', '[null]'],
    ['$[?@.a==@.b]', '[{"a":1,"b":1},{"a":1},{}]', '[{"a":1,"b":1},{}]'],
    ['$[?@.a!=1]', '[{"a":1},{"a":2},{}]', '[{"a":2},{}]'],
    [
      '$[?@.a==$[0].a]',
      '[{"a":[1,{"x":2}]},{"a":[1.0,{"x":2}]}]',
      '[{"a":[1,{"x":2}]},{"a":[1.0,{"x":2}]}]',
    ],
    ['$[?@==9007199254740993]', '[9007199254740993,9007199254740992]', '[9007199254740993]'],
    ['$[?@<9007199254740992.5]', '[9007199254740992,9007199254740993]', '[]'],
    ['$[?length(@)==2]', '["éx",[1,2],{"a":1,"b":2},"abc",2]', '["éx",[1,2],{"a":1,"b":2}]'],
    ['$[?count(@.*)>1]', '[[1],[1,2],{"a":1,"b":2}]', '[[1,2],{"a":1,"b":2}]'],
    ['$[?value(@..a)==1]', '[{"b":{"a":1}},{"a":1,"b":{"a":1}}]', '[{"b":{"a":1}}]'],
    ['$[?match(@,"a.c")]', '["abc","xabc"]', '["abc"]'],
    ['$[?search(@,"a.c")]', '["abc","xabc",1]', '["abc","xabc"]'],
    ['$[?search(@,"(")]', '["("]', '[]'],
    ['$[?match(@,".")]', '["é","😀","ab"]', '["é","😀"]'],
  ])('filter %s', (path, json, expected) => {
    expect(selected(path, json)).toBe(expected);
  });

  test.each([
    ['$.foo-bar', '{"foo-bar":1}', '[1]'],
    ['$.1st.2nd', '{"1st":{"2nd":1}}', '[1]'],
    ['$..foo-bar', '{"a":{"foo-bar":1}}', '[1]'],
    ['$.[0]', '[1]', '[1]'],
    ['$.["a"].["b"]', '{"a":{"b":1}}', '[1]'],
    ['$.[?(@.a==1)].a', '[{"a":1},{"a":2}]', '[1]'],
    ['$.a[?(@.b =~ "(?i)^FOO")].b', '{"a":[{"b":"food"},{"b":"xfoo"}]}', '["food"]'],
    [
      '$.a[?@.b=~@.re && @.c==1].b',
      '{"a":[{"b":"x","re":"x","c":1},{"b":"x","re":"y","c":1}]}',
      '["x"]',
    ],
    ['$[?(@["k"] =~ "x")]', '[{"k":"x"}]', '[{"k":"x"}]'],
    ['$[?@.foo-bar==1.5e0]', '[{"foo-bar":1.5}]', '[{"foo-bar":1.5}]'],
    ["$['single\\'quote','x\"y']", '{"single\'quote":1,"x\\"y":2}', '[1,2]'],
    ['$["a\\nb\\u0000"]', '{"a\\nb\\u0000":1}', '[1]'],
    ['$.a\0\r\nb', '{"a\\u0000\\r\\nb":1}', '[1]'],
    ['.a["b"]', '{"a":{"b":1}}', '[1]'],
    ['["a"][0]', '{"a":[1]}', '[1]'],
    ['.', '{"a":1}', '[{"a":1}]'],
    ['a b', '{"a b":1}', '[1]'],
  ])("RedisJSON's %j", (path, json, expected) => {
    expect(selected(path, json)).toBe(expected);
  });

  test.each([
    '$a',
    '$.',
    '$..',
    '$[',
    '$[a]',
    '$["a]',
    '$[?]',
    '$[?@.a==]',
    '$[?1]',
    '$.a[-inf]',
    '',
  ])('%j is no path', (path) => {
    expect(() => parsePath(path)).toThrow(PathError);
  });
});

test('places tell where a value stands', () => {
  const places = select(parsePath('$..b').segments, parseJson('{"a":[{"b":1},{"c":{"b":2}}]}'));
  const route = (place: Place | undefined): (string | number)[] => {
    return place?.parent === undefined ? [] : [...route(place.parent), place.key];
  };
  expect(places.map(route)).toEqual([
    ['a', 0, 'b'],
    ['a', 1, 'c', 'b'],
  ]);
});

describe('hostile paths', () => {
  const times = (count: number, text: string): string => text.repeat(count);

  test.each([
    `$${times(20_000, '.a')}`,
    `$[?${times(5000, '(')}@.a${times(5000, ')')}]`,
    `$[?${times(5000, '!')}@.a]`,
    `$${times(3000, '[?@')}${times(3000, ']')}`,
    `$[?@.a${times(3000, '&&@.a')}]`,
    `$[?${times(2000, 'length(')}@${times(2000, ')')}==1]`,
  ])('%.20s… is refused', (path) => {
    expect(() => parsePath(path)).toThrow(PathLimitError);
  });

  test.each([
    `$["${times(4000, '\\\\')}`,
    `$[${times(5000, '0,')}0`,
    `$[?@${times(16_000, ' ')}x]`,
    `$[?@.a == "${times(16_000, '\\')}]`,
    `$[?@==${times(10_000, '9')}.${times(5000, '9')}e]`,
  ])('%.20s… is no path', (path) => {
    expect(() => parsePath(path)).toThrow(PathError);
  });

  test('a path that looks at everything again and again', () => {
    const deep = parseJson(`${times(120, '[')}${times(120, ']')}`);
    expect(() => select(parsePath('$..*..*..*..*..*').segments, deep)).toThrow(PathLimitError);
    const wide: Json = Array.from({ length: 10_000 }, (_, i) => [i]);
    const quadratic = parsePath('$[?count($[*]) == @[0]]');
    expect(() => select(quadratic.segments, wide)).toThrow(PathLimitError);
  });

  test('patterns that make others backtrack', () => {
    const text = [`${times(20_000, 'a')}!`];
    for (const pattern of ['(a+)+$', '(a|a)*c$', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
      const { segments } = parsePath(`$[?search(@,"${pattern}")]`);
      expect(select(segments, text).length).toBe(0);
    }
    const large = parsePath('$[?search(@,"((a{1,30}){1,30}){1,30}|(a{1,999}b){1,9}$")]');
    expect(select(large.segments, text).length).toBe(0);
  });

  test('a large document may be looked at whole', () => {
    const large: Json = Array.from({ length: 400_000 }, (_, i) => [i, i, i]);
    expect(select(parsePath('$..*').segments, large).length).toBe(1_600_000);
  });
});
