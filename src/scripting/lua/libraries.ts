/** The libraries that Redis gives its scripts besides Lua's own. */

import { addBitLibrary } from './bit.js';
import { addJsonLibrary } from './json.js';
import type { LuaState } from './lua-state.js';
import { addMessagePackLibrary } from './message-pack.js';
import { addStructLibrary } from './struct.js';

export function addLibraries(lua: LuaState): void {
  addBitLibrary(lua);
  addJsonLibrary(lua);
  addMessagePackLibrary(lua);
  addStructLibrary(lua);
}
