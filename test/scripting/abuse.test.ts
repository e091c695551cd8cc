/** What a hostile script may try: each gets an error within a bounded time, and the script after it works. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandHarness } from '../support/command-harness.js';

const HOSTILE: readonly (readonly [name: string, script: string, reply: RegExp])[] = [
  [
    'byte code by loadstring',
    'return loadstring("\\27LuaQ")()',
    /^-ERR .*attempt to call a nil value/,
  ],
  [
    'byte code by load',
    'local d = false return load(function() if d then return nil end d = true return "\\27LuaQ" end)()',
    /^-ERR .*attempt to call a nil value/,
  ],
  [
    'byte code that string.dump made',
    'return loadstring(string.dump(function() return 1 end))()',
    /^-ERR /,
  ],
  [
    'the debug library',
    'return debug.getregistry()',
    /^-ERR .*nonexistent global variable 'debug'/,
  ],
  [
    'the metatable of strings',
    'getmetatable("").__index = function() return 1 end',
    /^-ERR .*readonly table/,
  ],
  ['a metatable for a protected table', 'setmetatable(redis, {})', /^-ERR .*readonly table/],
  ['rawset on the globals', 'rawset(_G, "x", 1)', /^-ERR .*readonly table/],
  ['table.insert into a library', 'table.insert(cjson, 1)', /^-ERR .*readonly table/],
  ['the real table by pairs', 'local _, t = pairs(string) t.rep = nil', /^-ERR .*readonly table/],
  ['a table of next', 'for k, v in next, redis do redis[k] = nil end', /^-ERR .*readonly table/],
  ['globals by setfenv', 'setfenv(0, {}) return 1', /^:1\r\n/],
  ['too many results', 'return unpack({}, 0, 2147483647)', /^-ERR .*too many results to unpack/],
  [
    'results from the least integer',
    'return unpack({}, -2147483648, 2147483647)',
    /^-ERR .*too many results to unpack/,
  ],
  [
    'brackets that never close',
    'return string.find(("("):rep(1000000), "%b()")',
    /^-ERR .*a pattern took too long/,
  ],
  ['a string of gigabytes', 'return string.rep("x", 4e9)', /^-ERR .*not enough memory/],
  ['an insertion far away', 'table.insert({}, -2147483648, 1)', /^-ERR .*out of bounds/],
  [
    'endless recursion',
    'local function f() return 1 + f() end return f()',
    /^-ERR .*stack overflow/,
  ],
  ['recursion through pcall', 'local function f() return pcall(f) end return f()', /^/],
  [
    'recursion through tostring',
    'local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return tostring(t) end return tostring(t)',
    /^-ERR .*stack overflow/,
  ],
  ['JSON nested deeply', 'return cjson.decode(("["):rep(100000))', /^-ERR .*too many nested/],
  ['a circle as JSON', 'local t = {} t[1] = t return cjson.encode(t)', /^-ERR .*excessive nesting/],
  ['a circle as MessagePack', 'local t = {} t[1] = t return #cmsgpack.pack(t)', /^:17\r\n/],
  ['MessagePack nested deeply', 'return cmsgpack.unpack(("\\145"):rep(100000))', /^-ERR .*nested/],
  [
    'an array of which nothing comes',
    'return cmsgpack.unpack("\\221\\255\\255\\255\\255")',
    /^-ERR .*Missing bytes/,
  ],
  [
    'a string of which nothing comes',
    'return cmsgpack.unpack("\\219\\255\\255\\255\\255")',
    /^-ERR .*Missing bytes/,
  ],
  ['a struct too long', 'return struct.pack("I2147483648", 1)', /^-ERR .*overflow/],
  ['a struct of a wide integer', 'return struct.pack("i33", 1)', /^-ERR .*larger than limit/],
  [
    'a struct that reads behind its end',
    'return struct.unpack("c2147483647", "x")',
    /^-ERR .*too short/,
  ],
  [
    'a length out of the data',
    'return struct.unpack("Ic0", "\\255\\255\\255\\255")',
    /^-ERR .*too short/,
  ],
  ['a reply that contains itself', 'local t = {} t[1] = t return t', /reached lua stack limit/],
  [
    'a pattern that backtracks for ever',
    'return string.find(("a"):rep(3000), ".-.-.-.-.-b")',
    /^-ERR .*pattern took too long/,
  ],
  [
    'gmatch that backtracks for ever',
    'for w in string.gmatch(("a"):rep(3000), ".-.-.-.-.-b") do end',
    /^-ERR .*pattern took too long/,
  ],
  [
    'the end of garbage collection',
    'collectgarbage("stop") collectgarbage("setpause", 1e9) return 1',
    /^:1\r\n/,
  ],
  [
    'memory without end',
    'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end',
    /^-ERR .*not enough memory/,
  ],
  [
    'one string without end',
    'local s = "x" while true do s = s .. s end',
    /^-ERR .*not enough memory/,
  ],
];

describe('hostile scripts', () => {
  let harness: CommandHarness;

  beforeAll(async () => {
    harness = await CommandHarness.open(commandGroups, [['max-script-memory', '32MB']]);
  });

  afterAll(() => harness.close());

  test.each(HOSTILE)('%s', async (_name, script, reply) => {
    expect(await harness.run('EVAL', script, '0')).toMatch(reply);
    const after =
      'return {redis.sha1hex(""), string.rep("x", 3), redis.call("echo", "still there")}';
    expect(await harness.run('EVAL', after, '0')).toBe(
      '*3\r\n$40\r\nda39a3ee5e6b4b0d3255bfef95601890afd80709\r\n$3\r\nxxx\r\n$11\r\nstill there\r\n',
    );
  });

  test('what Lua took comes back', async () => {
    const roomy = await CommandHarness.open(commandGroups);
    const script = 'local s = string.rep("x", 1e7) for i = 1, 8 do local t = s .. i end return #s';
    await roomy.run('EVAL', script, '0');
    await roomy.run('EVAL', 'return 1', '0');
    expect(roomy.server.scripts.memory.scripts).toBeLessThan(1024 * 1024);
    await roomy.close();
  });
});
