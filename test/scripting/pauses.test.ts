/** Programs that are paused as often as they can be come to the same end. */

import { expect, test } from 'vitest';
import { ScriptThread } from '../../src/scripting/lua/script-thread.js';

const MEMORY = 64 * 1024 * 1024;

/** Every look at it finds the time up. */
class HurriedClock {
  #now = 0;

  now(): number {
    return this.monotonic();
  }

  monotonic(): number {
    return ++this.#now;
  }
}

function run(program: string): { results: number[]; pauses: number } {
  const options = { memoryBytes: MEMORY, addLibraries: () => undefined };
  const thread = new ScriptThread({ clock: new HurriedClock(), ...options });
  const reference = thread.compile(program, '=program');
  let pauses = 0;
  let progress = thread.start(reference, 0, () => 0);
  for (; progress === 'paused'; pauses++) progress = thread.resume(0);
  const { lua, thread: L } = thread;
  if (progress === 'failed') throw new Error(lua.text(L, -1));
  const results = Array.from({ length: lua.api.lua_gettop(L) }, (_, i) =>
    lua.api.lua_tonumber(L, i + 1),
  );
  thread.end(true);
  return { results, pauses };
}

test('in a protected call', () => {
  const { results, pauses } = run(`
    local bad = 0
    for j = 1, 1500 do
      local ok, value = pcall(function() for i = 1, 20000 do end return j end)
      if not ok or value ~= j then bad = bad + 1 end
    end
    return bad`);
  expect(results).toEqual([0]);
  expect(pauses).toBeGreaterThan(2000);
});

test('in a coroutine', () => {
  const { results, pauses } = run(`
    local bad = 0
    local numbers = coroutine.wrap(function()
      for j = 1, 1500 do
        for i = 1, 20000 do end
        coroutine.yield(j)
      end
    end)
    for j = 1, 1500 do if numbers() ~= j then bad = bad + 1 end end
    return bad`);
  expect(results).toEqual([0]);
  expect(pauses).toBeGreaterThan(2000);
});
