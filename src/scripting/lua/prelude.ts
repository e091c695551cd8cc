/**
 * What of the sandbox is written in Lua: calls that wait for another thread of Lua. A C function in their place would
 * keep the hook from pausing the script, because Lua 5.1 cannot yield across it.
 *
 * A pause is a yield of the hook. It goes up, thread by thread, to whoever runs the script; a level that cannot yield
 * resumes what it called, and the script goes on until it can.
 */

/** Called with the functions that it needs of the sandbox; replaces fields of the globals. */
export const PRELUDE = `
local native = ...
local isPausing, mayPause, enter, leave = native.isPausing, native.mayPause, native.enter, native.leave
local isLuaFunction = native.isLuaFunction
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local protectedCall, error, type, concat = pcall, error, type, table.concat
local loadstring, rawget = loadstring, rawget

-- Goes on with a thread that the hook has paused, once the pause is over.
local function settle(thread, ok, ...)
  if ok and isPausing() then
    if mayPause() then yield() end
    return settle(thread, resume(thread))
  end
  return ok, ...
end

local function settleCall(thread, ok, ...)
  if not ok or status(thread) == 'dead' then return ok, ... end
  -- What the script itself yields passes through a protected call, as if that were not there.
  return settleCall(thread, settle(thread, resume(thread, yield(...))))
end

local function call(f, ...)
  local thread = create(f)
  return settleCall(thread, settle(thread, resume(thread, ...)))
end

-- An error of the server is a table; who catches it gets its text.
local function caught(ok, ...)
  if ok then return ok, ... end
  local message = ...
  if type(message) == 'table' then
    local text = rawget(message, 'err')
    if type(text) == 'string' then return ok, text end
  end
  return ok, ...
end

function pcall(...)
  if not isLuaFunction(...) then return caught(protectedCall(...)) end
  return caught(call(...))
end

local function handled(handler, ok, ...)
  if ok then return ok, ... end
  local _, message = protectedCall(handler, ...)
  return false, message
end

function xpcall(f, handler)
  if not isLuaFunction(f) then return handled(handler, protectedCall(f)) end
  return handled(handler, call(f))
end

local function resumed(...)
  leave()
  return ...
end

local function resumeThread(thread, ...)
  if type(thread) ~= 'thread' then error("bad argument #1 to 'resume' (coroutine expected)", 2) end
  enter()
  return resumed(settle(thread, resume(thread, ...)))
end

coroutine.resume = resumeThread

local function unwrapped(ok, ...)
  if ok then return ... end
  local message = ...
  if type(message) == 'string' then error(message, 3) end
  error(message, 0)
end

function coroutine.wrap(f)
  local thread = create(f)
  return function(...) return unwrapped(resumeThread(thread, ...)) end
end

function load(reader, name)
  local pieces = {}
  while true do
    local piece = reader()
    if piece == nil or piece == '' then break end
    if type(piece) ~= 'string' then return nil, 'reader function must return a string' end
    pieces[#pieces + 1] = piece
  end
  return loadstring(concat(pieces), name or '=(load)')
end
`;
