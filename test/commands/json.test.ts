/** The JSON group, as RedisJSON's documentation and the facts of its tests have it: no server here knows it. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness } from '../support/command-harness.js';
import { decodeReply, ErrorReply } from '../support/decode-reply.js';

let harness: CommandHarness;

beforeEach(async () => {
  harness = await CommandHarness.open(commandGroups, [['debug-command', 'local']]);
});

afterEach(() => harness.close());

async function run(...args: readonly unknown[]): Promise<unknown> {
  const reply = await harness.run(...args.map(String));
  return decodeReply(Buffer.from(reply, 'latin1'));
}

/** A document, then requests with their replies: every request runs on resident and on cold data. */
function check(name: string, json: string, steps: readonly (readonly [string, unknown])[]): void {
  test.each([false, true])(`${name} (cold: %s)`, async (cold) => {
    await run('SET', 'string', 'x');
    if (json !== '') expect(await run('JSON.SET', 'doc', '$', json)).toBe('OK');
    for (const [line, expected] of steps) {
      if (cold) await harness.evict();
      expect([line, await run(...words(line))]).toEqual([line, expected]);
    }
  });
}

/** Words between blanks; single quotes hold blanks. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

const error = (message: string): ErrorReply => new ErrorReply(message);
const noKey = error("ERR could not perform this operation on a key that doesn't exist");
const wrongKey = error('Existing key has wrong Redis type');
const noPath = (path: string, or = ''): ErrorReply =>
  error(`ERR Path '${path}' does not exist${or}`);

describe('JSON.SET', () => {
  check('NX and XX at the root', '', [
    ['JSON.SET k $ 1 XX', null],
    ['JSON.SET k $ 1 NX', 'OK'],
    ['JSON.SET k . 2 NX', null],
    ['JSON.SET k . 3 XX', 'OK'],
    ['JSON.GET k', '3'],
  ]);

  check('NX and XX at a path', '{"a":[0]}', [
    ['JSON.SET doc .b [] XX', null],
    ['JSON.SET doc .b [] NX', 'OK'],
    ['JSON.SET doc .b [1] NX', null],
    ['JSON.SET doc $.b [2] XX', 'OK'],
    ['JSON.SET doc .a[0] 5 NX', null],
    ['JSON.SET doc .a[1] 5 NX', error('ERR array index out of range')],
    ['JSON.GET doc', '{"a":[0],"b":[2]}'],
  ]);

  check('all that a path selects, and new keys', '{"a":1,"n":{"a":2,"b":3}}', [
    ['JSON.SET doc $..a 4.2', 'OK'],
    ['JSON.GET doc $', '[{"a":4.2,"n":{"a":4.2,"b":3}}]'],
    ['JSON.SET doc $.n.c {}', 'OK'],
    ['JSON.SET doc $.n.c.d [1]', 'OK'],
    ['JSON.SET doc $.x.y 1', null],
    ['JSON.SET doc $.a.y 1', null],
    ['JSON.SET doc $.n["f.]$.f"] null', 'OK'],
    ['JSON.GET doc', '{"a":4.2,"n":{"a":4.2,"b":3,"c":{"d":[1]},"f.]$.f":null}}'],
  ]);

  check('one value in two places is two values', '{"a":0,"b":0}', [
    ['JSON.SET doc $.* [1]', 'OK'],
    ['JSON.ARRAPPEND doc $.a 2', [2]],
    ['JSON.GET doc', '{"a":[1,2],"b":[1]}'],
  ]);

  check('errors', '{"a":[]}', [
    ['JSON.SET none $.a 1', error('ERR new objects must be created at the root')],
    ['JSON.SET doc $..f 1', error('Err: wrong static path')],
    ['JSON.SET doc $[0] 1', error('ERR array index out of range')],
    ['JSON.SET doc $.a 1 NN', error('ERR syntax error')],
    ['JSON.SET doc $.a 1 NX XX', error('ERR syntax error')],
    ['JSON.SET string $ 1', wrongKey],
    ['JSON.SET doc $.a', error("ERR wrong number of arguments for 'json.set' command")],
    ['GET doc', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
    ['HGET doc f', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
  ]);

  check('its time to live stays', '1', [
    ['EXPIRE doc 100', 1],
    ['JSON.SET doc $ {"a":1}', 'OK'],
    ['JSON.SET doc $.a 2', 'OK'],
    ['TTL doc', 100],
  ]);
});

describe('JSON.GET', () => {
  const doc = '{"a":1,"n":{"a":2,"b":[3,{}]},"s":"x"}';

  check('paths', doc, [
    ['JSON.GET doc', doc],
    ['JSON.GET doc .', doc],
    ['JSON.GET doc $', `[${doc}]`],
    ['JSON.GET doc a', '1'],
    ['JSON.GET doc .n.b[0]', '3'],
    ['JSON.GET doc ..a', '1'],
    ['JSON.GET doc $..a', '[1,2]'],
    ['JSON.GET doc $.n.b[-1]', '[{}]'],
    ['JSON.GET doc $.none', '[]'],
    ['JSON.GET doc $.a $..b', '{"$.a":[1],"$..b":[[3,{}]]}'],
    ['JSON.GET doc .a $.s', '{".a":[1],"$.s":["x"]}'],
    ['JSON.GET doc .a s .a', '{".a":1,"s":"x"}'],
    ['JSON.GET doc .none', noPath('$.none')],
    ['JSON.GET doc a none', noPath('$.none')],
    ['JSON.GET none $.a', null],
    ['JSON.GET string $.a', wrongKey],
  ]);

  check('formatting', '{"a":[1,{"b":[]}],"c":{}}', [
    [
      "JSON.GET doc INDENT '\t' NEWLINE '\n' SPACE ' '",
      '{\n\t"a": [\n\t\t1,\n\t\t{\n\t\t\t"b": []\n\t\t}\n\t],\n\t"c": {}\n}',
    ],
    ["JSON.GET doc space '_' $.a[0] noescape $.c", '{"$.a[0]":_[1],"$.c":_[{}]}'],
    ['JSON.GET doc INDENT', error("ERR wrong number of arguments for 'json.get' command")],
  ]);

  check('what text keeps', '', [
    [
      'JSON.SET k $ [1,1.0,-0,-0.0,1e3,1.50,1E400]',
      error('number out of range at line 1 column 30'),
    ],
    ['JSON.SET k $ [1,1.0,-0,-0.0,1e3,1.50,1e-7,1e16,123456789.125]', 'OK'],
    ['JSON.GET k', '[1,1.0,-0.0,-0.0,1000.0,1.5,1e-7,1e16,123456789.125]'],
    ['JSON.SET k $ [9007199254740993,-9223372036854775808,18446744073709551615]', 'OK'],
    ['JSON.GET k', '[9007199254740993,-9223372036854775808,18446744073709551615]'],
    ['JSON.TYPE k $[*]', ['integer', 'integer', 'integer']],
    ['JSON.SET k $ [18446744073709551616,1.7976931348623157e308,5e-324]', 'OK'],
    ['JSON.GET k', '[1.8446744073709552e19,1.7976931348623157e308,5e-324]'],
    ['JSON.SET k $ {"2":1,"1":2,"__proto__":{"x":1},"constructor":3,"2":4}', 'OK'],
    ['JSON.GET k', '{"2":4,"1":2,"__proto__":{"x":1},"constructor":3}'],
    ['JSON.GET k $.__proto__.x $.toString', '{"$.__proto__.x":[1],"$.toString":[]}'],
    ['JSON.SET k $ "\\u00e9\\ud83d\\ude00\\n\\/\\u0001\\""', 'OK'],
    ['JSON.GET k', '"\xc3\xa9\xf0\x9f\x98\x80\\n/\\u0001\\""'],
  ]);
});

describe('what is no JSON', () => {
  test.each([
    ['', 'EOF while parsing a value at line 1 column 0'],
    ['{', 'EOF while parsing an object at line 1 column 1'],
    ['[1,', 'EOF while parsing a value at line 1 column 3'],
    ['}', 'expected value at line 1 column 1'],
    ['{]', 'key must be a string at line 1 column 2'],
    ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
    ['[1,]', 'trailing comma at line 1 column 4'],
    ['nul', 'EOF while parsing a value at line 1 column 3'],
    ['nulx', 'expected ident at line 1 column 4'],
    ['\n 01', 'invalid number at line 2 column 3'],
    ['1 x', 'trailing characters at line 1 column 3'],
    ['"a', 'EOF while parsing a string at line 1 column 2'],
    ['"\\x"', 'invalid escape at line 1 column 4'],
    ['"\\ud800"', 'unexpected end of hex escape at line 1 column 8'],
    ['[NaN]', 'expected value at line 1 column 2'],
    ["{'a':1}", 'key must be a string at line 1 column 2'],
    ['\x00', 'expected value at line 1 column 1'],
    ['"\x80abc"', "Couldn't parse as UTF-8 string"],
    ['['.repeat(128) + ']'.repeat(128), 'recursion limit exceeded at line 1 column 128'],
  ])('%j', async (text, message) => {
    expect(await run('JSON.SET', 'k', '$', text)).toEqual(error(message));
    expect(await run('EXISTS', 'k')).toBe(0);
  });

  test('a document cannot grow deeper than it may be read', async () => {
    await run('JSON.SET', 'k', '$', '['.repeat(127) + ']'.repeat(127));
    const deepest = `$${'[0]'.repeat(126)}`;
    const tooDeep = error('recursion limit exceeded');
    expect(await run('JSON.ARRAPPEND', 'k', deepest, '[]')).toEqual(tooDeep);
    expect(await run('JSON.ARRAPPEND', 'k', deepest, '1')).toEqual([1]);
    expect(await run('JSON.SET', 'k', `${deepest}[0]`, '{}')).toEqual(tooDeep);
    expect(await run('JSON.GET', 'k')).toBe(`${'['.repeat(127)}1${']'.repeat(127)}`);
  });
});

describe('JSON.MGET, JSON.MSET and JSON.MERGE', () => {
  check('MGET', '{"a":1,"n":{"a":null}}', [
    ['JSON.SET b $ {"a":[4]}', 'OK'],
    ['JSON.MGET doc b string none $..a', ['[1,null]', '[[4]]', null, null]],
    ['JSON.MGET doc b string none .a', ['1', '[4]', null, null]],
    ['JSON.MGET doc b .n.a', ['null', null]],
    ['JSON.MGET doc b $.none', ['[]', '[]']],
  ]);

  check('MSET', '{"a":1}', [
    ['JSON.MSET x $ {"b":1} doc $.a 2 x $.c 3', 'OK'],
    ['JSON.MGET x doc $', ['[{"b":1,"c":3}]', '[{"a":2}]']],
    ['JSON.MSET x $ 1 doc $', error("ERR wrong number of arguments for 'json.mset' command")],
    ['JSON.MSET x $ 1 string $ 2', wrongKey],
    ['JSON.MSET x $ 1 none $.a 2', error('ERR new objects must be created at the root')],
    ['JSON.GET x', '{"b":1,"c":3}'],
  ]);

  check('MERGE', '{"a":{"b":1,"c":2},"d":[1]}', [
    ['JSON.MERGE doc $ {"a":{"b":null,"e":{"f":null,"g":1}},"d":{"x":1}}', 'OK'],
    ['JSON.GET doc', '{"a":{"c":2,"e":{"g":1}},"d":{"x":1}}'],
    ['JSON.MERGE doc $.a 5', 'OK'],
    ['JSON.MERGE doc $.new.child 5', null],
    ['JSON.MERGE doc $.new {"a":null,"b":1}', 'OK'],
    ['JSON.GET doc', '{"a":5,"d":{"x":1},"new":{"b":1}}'],
    ['JSON.MERGE none $.a 1', error('ERR new objects must be created at the root')],
    ['JSON.MERGE fresh $ {"a":1}', 'OK'],
    ['JSON.GET fresh', '{"a":1}'],
    ['JSON.MERGE string $ {}', wrongKey],
  ]);
});

test('the commands are those of a module, to clients that ask', async () => {
  const list = await harness.run('COMMAND', 'LIST', 'FILTERBY', 'MODULE', 'ReJSON');
  expect(list).toContain('json.get');
  expect(list).toContain('json.debug|memory');
  expect(list).not.toContain('\nget');
  expect(await harness.run('COMMAND', 'LIST', 'FILTERBY', 'MODULE', 'none')).toBe('*0\r\n');
});

describe('JSON.DEL, JSON.FORGET and JSON.CLEAR', () => {
  check('DEL', '{"a":1,"n":{"a":2,"b":3},"l":[[1],[1,2,3]]}', [
    ['JSON.DEL doc $..a', 2],
    ['JSON.FORGET doc $.l..[0]', 2],
    ['JSON.GET doc', '{"l":[[2,3]],"n":{"b":3}}'],
    ['JSON.DEL doc .l[-1]', 1],
    ['JSON.DEL doc .none', 0],
    ['JSON.DEL none $.a', 0],
    ['JSON.DEL string', wrongKey],
    ['JSON.DEL doc', 1],
    ['EXISTS doc', 0],
  ]);

  check('the last key takes the place of one that goes', '{"a":{"b":1},"b":2,"c":3,"d":4}', [
    ['JSON.DEL doc $.a', 1],
    ['JSON.GET doc', '{"d":4,"b":2,"c":3}'],
    ['JSON.DEL doc $.c', 1],
    ['JSON.GET doc', '{"d":4,"b":2}'],
    ['JSON.MERGE doc $ {"e":5,"d":null,"f":6,"none":null,"b":7}', 'OK'],
    ['JSON.GET doc', '{"e":5,"b":7,"f":6}'],
    ["JSON.DEL doc $['b','e']", 2],
    ['JSON.GET doc', '{"f":6}'],
    ['JSON.MERGE doc $ {"c":1,"a":2,"x":3,"f":null,"y":4}', 'OK'],
    ['JSON.GET doc', '{"x":3,"c":1,"a":2,"y":4}'],
    ["JSON.DEL doc $['c','a']", 2],
    ['JSON.GET doc', '{"x":3,"y":4}'],
    ['JSON.DEL doc $.*', 2],
    ['JSON.GET doc', '{}'],
  ]);

  check('what lies in what is deleted is not counted', '{"a":{"a":2},"l":[1,2,3]}', [
    ['JSON.DEL doc $..a', 1],
    ['JSON.DEL doc $.l[2,0,1,0]', 3],
    ['JSON.GET doc $', '[{"l":[]}]'],
    ['JSON.DEL doc $', 1],
    ['JSON.GET doc $', null],
  ]);

  check('CLEAR', '{"n":42,"f":0.5,"s":"x","b":true,"z":null,"a":[1],"o":{"n":1},"e":[]}', [
    ['JSON.CLEAR doc $.s', 0],
    ['JSON.CLEAR doc $.none', 0],
    ['JSON.CLEAR doc $.*', 4],
    ['JSON.GET doc', '{"n":0,"f":0,"s":"x","b":true,"z":null,"a":[],"o":{},"e":[]}'],
    ['JSON.CLEAR doc $.*', 0],
    ['JSON.CLEAR doc', 1],
    ['JSON.GET doc', '{}'],
    ['JSON.CLEAR none $', noKey],
    ['JSON.CLEAR string', wrongKey],
  ]);
});

describe('numbers', () => {
  check('NUMINCRBY', '{"a":"b","b":[{"a":2},{"a":5.0},{"a":"c"}]}', [
    ['JSON.NUMINCRBY doc $..a 2', '[null,4,7.0,null]'],
    ['JSON.NUMINCRBY doc $..a 2.5', '[null,6.5,9.5,null]'],
    ['JSON.NUMINCRBY doc .b[0].a 1', '7.5'],
    ['JSON.NUMINCRBY doc $.none 1', '[]'],
    ['JSON.NUMINCRBY doc .none 1', noPath('$.none', ' or does not contains a number')],
    ['JSON.NUMINCRBY doc .a 1', noPath('$.a', ' or does not contains a number')],
    ['JSON.NUMINCRBY none $ 1', noKey],
    ['JSON.NUMINCRBY string $ 1', wrongKey],
    ['JSON.NUMINCRBY doc $.b "1"', error('expected value at line 1 column 1')],
  ]);

  check('NUMMULTBY', '{"a":2,"b":1.6e308,"c":9223372036854775807,"d":9007199254740993}', [
    ['JSON.NUMMULTBY doc $.a 2', '[4]'],
    ['JSON.NUMMULTBY doc .a 2.5', '10.0'],
    ['JSON.NUMMULTBY doc $.b 2', error('ERR result is not a number')],
    ['JSON.NUMINCRBY doc $.b 1.6e308', error('ERR result is not a number')],
    ['JSON.NUMINCRBY doc .d 1', '9007199254740994'],
    ['JSON.NUMMULTBY doc .c 4', '3.6893488147419103e19'],
    ['JSON.GET doc', '{"a":10.0,"b":1.6e308,"c":3.6893488147419103e19,"d":9007199254740994}'],
  ]);
});

describe('strings and booleans', () => {
  check('STRAPPEND and STRLEN', '{"a":"foo","n":{"a":"h\xc3\xa9"},"m":{"a":31}}', [
    ['JSON.STRLEN doc $..a', [3, 3, null]],
    ['JSON.STRAPPEND doc $..a "bar"', [6, 6, null]],
    ['JSON.STRLEN doc .a', 6],
    ['JSON.STRAPPEND doc .*.a "!"', 7],
    ['JSON.STRAPPEND doc .m.a "x"', noPath('$.m.a', ' or not a string')],
    [
      'JSON.STRAPPEND doc $.a 1',
      error('WRONGTYPE wrong type of path value - expected string but found integer'),
    ],
    ['JSON.STRAPPEND none $ "x"', noKey],
    ['JSON.STRLEN none $', noKey],
    ['JSON.STRLEN none', null],
    ['JSON.STRLEN doc .none', noPath('$.none')],
    [
      'JSON.STRLEN doc .m.a',
      error('WRONGTYPE wrong type of path value - expected string but found integer'),
    ],
    ['JSON.STRLEN string', wrongKey],
    ['JSON.SET s $ "ab"', 'OK'],
    ['JSON.STRAPPEND s "cd"', 4],
  ]);

  check('TOGGLE', '{"a":["x"],"n":{"a":false},"m":{"a":true}}', [
    ['JSON.TOGGLE doc $..a', [null, 1, 0]],
    ['JSON.TOGGLE doc .n.a', 'false'],
    ['JSON.TOGGLE doc .a', noPath('$.a', ' or not a bool')],
    ['JSON.TOGGLE doc $.none', []],
    ['JSON.TOGGLE none $', noKey],
    ['JSON.TOGGLE string $', wrongKey],
  ]);
});

describe('arrays', () => {
  check('ARRAPPEND and ARRLEN', '{"a":["foo"],"n":{"a":[1,null]},"m":{"a":31}}', [
    ['JSON.ARRAPPEND doc $..a "b" {}', [3, 4, null]],
    ['JSON.ARRLEN doc $..a', [3, 4, null]],
    ['JSON.ARRAPPEND doc ..a 1', 5],
    ['JSON.ARRLEN doc .a', 4],
    ['JSON.ARRLEN doc .m.a', noPath('.m.a', ' or not an array')],
    ['JSON.ARRLEN none $', noKey],
    ['JSON.ARRLEN none .a', null],
    ['JSON.ARRLEN string', wrongKey],
    ['JSON.ARRAPPEND doc .none 1', noPath('$.none', ' or not an array')],
    ['JSON.ARRAPPEND none $ 1', noKey],
    ['JSON.ARRAPPEND doc $.a x', error('expected value at line 1 column 1')],
    ['JSON.GET doc', '{"a":["foo","b",{},1],"n":{"a":[1,null,"b",{},1]},"m":{"a":31}}'],
  ]);

  check('ARRINSERT', '[]', [
    ['JSON.ARRINSERT doc . 0 1', 1],
    ['JSON.ARRINSERT doc . -1 2 3', 3],
    ['JSON.ARRINSERT doc $ 3 4', [4]],
    ['JSON.GET doc', '[2,3,1,4]'],
    ['JSON.ARRINSERT doc $ 5 1', error('ERR index out of bounds')],
    ['JSON.ARRINSERT doc $ -5 1', error('ERR index out of bounds')],
    ['JSON.GET doc', '[2,3,1,4]'],
  ]);

  check('ARRPOP', '[1,2,3,4,5,6,"x"]', [
    ['JSON.ARRPOP doc', '"x"'],
    ['JSON.ARRPOP doc . -2', '5'],
    ['JSON.ARRPOP doc . 0', '1'],
    ['JSON.ARRPOP doc $ 99', ['6']],
    ['JSON.ARRPOP doc . -99', '2'],
    ['JSON.ARRPOP doc $', ['4']],
    ['JSON.ARRPOP doc $', ['3']],
    ['JSON.ARRPOP doc $', [null]],
    ['JSON.ARRPOP doc', null],
    ['JSON.ARRPOP none $', noKey],
    ['JSON.SET doc $ 1', 'OK'],
    ['JSON.ARRPOP doc', noPath('$', ' or not an array')],
  ]);

  check('ARRTRIM', '{"a":[0,1,2,3,4,5],"b":[0,1,2],"c":1}', [
    ['JSON.ARRTRIM doc $.* 1 -2', [4, 1, null]],
    ['JSON.ARRTRIM doc .a 0 99', 4],
    ['JSON.ARRTRIM doc .a -2 -1', 2],
    ['JSON.GET doc .a', '[3,4]'],
    ['JSON.ARRTRIM doc .a 1 0', 0],
    ['JSON.ARRTRIM doc .b 99 2', 0],
    ['JSON.ARRTRIM doc .c 0 1', noPath('$.c', ' or not an array')],
  ]);

  check('ARRINDEX', '{"a":[0,1,2,3,2,1,0,3.0,[4],{"v":4}],"s":"x"}', [
    ['JSON.ARRINDEX doc .a 0', 0],
    ['JSON.ARRINDEX doc $.* 3', [3, null]],
    ['JSON.ARRINDEX doc .a 3.0', 7],
    ['JSON.ARRINDEX doc .a [4]', 8],
    ['JSON.ARRINDEX doc .a {"v":4}', 9],
    ['JSON.ARRINDEX doc .a 0 1', 6],
    ['JSON.ARRINDEX doc .a 0 -5', 6],
    ['JSON.ARRINDEX doc .a 0 4 0', 6],
    ['JSON.ARRINDEX doc .a 0 4 6', -1],
    ['JSON.ARRINDEX doc .a 0 7 2', -1],
    ['JSON.ARRINDEX doc .a "x"', -1],
    [
      'JSON.ARRINDEX doc .s 1',
      error('WRONGTYPE wrong type of path value - expected array but found string'),
    ],
    ['JSON.ARRINDEX doc .none 1', noPath('$.none')],
    ['JSON.ARRINDEX none $.a 1', noPath('$.a')],
  ]);
});

describe('what is asked of values', () => {
  check('TYPE', '{"a":null,"b":false,"c":42,"d":1.2,"e":"s","f":{},"g":[]}', [
    ['JSON.TYPE doc $.*', ['null', 'boolean', 'integer', 'number', 'string', 'object', 'array']],
    ['JSON.TYPE doc', 'object'],
    ['JSON.TYPE doc .d', 'number'],
    ['JSON.TYPE doc .none', null],
    ['JSON.TYPE doc $.none', []],
    ['JSON.TYPE none $', null],
    ['JSON.TYPE string', wrongKey],
  ]);

  check('OBJKEYS and OBJLEN', '{"n":{"a":{"x":1,"y":2}},"a":["x"]}', [
    ['JSON.OBJKEYS doc $..a', [null, ['x', 'y']]],
    ['JSON.OBJLEN doc $..a', [null, 2]],
    ['JSON.OBJKEYS doc', ['n', 'a']],
    ['JSON.OBJLEN doc .n.a', 2],
    ['JSON.OBJKEYS doc .none', null],
    ['JSON.OBJLEN doc .none', null],
    ['JSON.OBJKEYS none', null],
    ['JSON.OBJLEN none', null],
    ['JSON.OBJKEYS none $', noKey],
    ['JSON.OBJLEN none $', noPath('$', ' or not an object')],
    ['JSON.OBJKEYS doc .a', noPath('$.a', ' or not an object')],
    [
      'JSON.OBJLEN doc .a',
      error('WRONGTYPE wrong type of path value - expected object but found array'),
    ],
  ]);

  check('RESP', '{"a":[1,true,null,-19.5,"x",{"y":18446744073709551615}]}', [
    [
      'JSON.RESP doc',
      ['{', 'a', ['[', 1, 'true', null, '-19.5', 'x', ['{', 'y', '18446744073709551615']]],
    ],
    ['JSON.RESP doc $.a[0,1]', [1, 'true']],
    ['JSON.RESP doc .none', noPath('$.none')],
    ['JSON.RESP doc $.none', []],
    ['JSON.RESP none $', null],
  ]);

  check('DEBUG', '{"a":[1,true,null],"s":"x"}', [
    ['JSON.DEBUG MEMORY doc $.a[*]', [8, 8, 8]],
    ['JSON.DEBUG MEMORY doc .a[0]', 8],
    ['JSON.DEBUG MEMORY doc .none', noPath('$.none')],
    ['JSON.DEBUG MEMORY none $', []],
    ['JSON.DEBUG MEMORY none', 0],
    ['JSON.DEBUG MEMORY string', wrongKey],
  ]);

  check('of the key', '{"a":1}', [
    ['TYPE doc', 'ReJSON-RL'],
    ['OBJECT ENCODING doc', 'ReJSON-RL'],
    ['SCAN 0 TYPE rejson-rl', ['0', ['doc']]],
    ['COPY doc copy', 1],
    ['JSON.SET doc $.a 2', 'OK'],
    ['RENAME doc moved', 'OK'],
    ['JSON.MGET copy moved doc $.a', ['[1]', '[2]', null]],
    ['LPUSH moved x', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
  ]);
});

describe('large documents', () => {
  const large = `{"a":[1,2,3],"b":[1],"fill":"${'x'.repeat(50_000)}"}`;

  check('a change that fails in its middle changes nothing', large, [
    ['JSON.ARRINSERT doc $.* 2 9', error('ERR index out of bounds')],
    ['JSON.GET doc $.a $.b', '{"$.a":[[1,2,3]],"$.b":[[1]]}'],
    ['JSON.ARRLEN doc $.*', [3, 1, null]],
    ['JSON.NUMINCRBY doc $.a[*] 1', '[2,3,4]'],
    ['JSON.DEL doc $.fill', 1],
    ['JSON.GET doc', '{"a":[2,3,4],"b":[1]}'],
  ]);

  test('become digests and copies of the same', async () => {
    await run('JSON.SET', 'doc', '$', large);
    await run('COPY', 'doc', 'dup');
    await run('JSON.SET', 'doc', '$.a', '1');
    await run('JSON.SET', 'doc', '$.a', '[1,2,3]');
    const digests = () => run('DEBUG', 'DIGEST-VALUE', 'doc', 'dup') as Promise<string[]>;
    const [doc, copy] = await digests();
    expect(doc).toBe(copy);
    await harness.evict();
    expect(await digests()).toEqual([doc, copy]);
    expect(await run('MEMORY', 'USAGE', 'doc')).toBeGreaterThan(50_000);
    expect(await run('MEMORY', 'USAGE', 'doc')).toBe(await run('MEMORY', 'USAGE', 'dup'));
  });
});

describe('RESP3', () => {
  test.each([
    ['JSON.TYPE doc $..c', '*1\r\n*2\r\n$4\r\nnull\r\n$7\r\ninteger\r\n'],
    ['JSON.TYPE doc .a', '*1\r\n$6\r\nnumber\r\n'],
    ['JSON.TYPE none $', '*1\r\n_\r\n'],
    ['JSON.NUMINCRBY doc $.* 1', '*2\r\n,2.5\r\n_\r\n'],
    ['JSON.GET doc $.a', '$5\r\n[1.5]\r\n'],
    ['JSON.GET doc FORMAT JSON $.a $.none', '*2\r\n*1\r\n$3\r\n1.5\r\n*0\r\n'],
    [
      'JSON.GET doc FORMAT EXPAND $',
      '*1\r\n*1\r\n%2\r\n$1\r\na\r\n,1.5\r\n$1\r\nb\r\n*2\r\n%1\r\n$1\r\nc\r\n_\r\n%1\r\n$1\r\nc\r\n:2\r\n',
    ],
    ['JSON.GET doc FORMAT XML', '-ERR wrong format\r\n'],
  ])('%s', async (line, expected) => {
    await harness.run('HELLO', '3');
    await harness.run('JSON.SET', 'doc', '$', '{"a":1.5,"b":[{"c":null},{"c":2}]}');
    expect(await harness.run(...words(line))).toBe(expected);
  });

  test('FORMAT is for RESP3', async () => {
    await harness.run('JSON.SET', 'doc', '$', '1');
    expect(await run('JSON.GET', 'doc', 'FORMAT', 'STRING')).toBe('1');
    const refused = error('ERR FORMAT argument is not supported on RESP2');
    expect(await run('JSON.GET', 'doc', 'FORMAT', 'EXPAND')).toEqual(refused);
  });
});
