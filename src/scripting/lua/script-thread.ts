/** Runs functions of Lua, one at a time, so that they can be paused: each in a thread whose hook looks at the clock. */

import type { Clock } from '../../base/clock.js';
import { LuaState, LuaStatus, type Place, REGISTRY } from './lua-state.js';
import { Abandoned } from './pattern-guard.js';
import type { Pauses } from './pauses.js';
import { Sandbox } from './sandbox.js';
import type { Pointer } from './wasm-module.js';

/** So many instructions are run between two looks at the clock: a fifth of a millisecond or so. */
const INSTRUCTIONS = 10_000;
/** A script that cannot be paused for so long, in a callback of table.sort for example, is ended, in milliseconds. */
const UNPAUSED_MS_MAX = 5_000;
/** Whoever holds more than this when a script ends is replaced: a module's memory never shrinks. */
const KEPT_BYTES = 64 * 1024 * 1024;

export type Progress = 'done' | 'paused' | 'failed';

export interface ThreadOptions {
  readonly clock: Clock;
  readonly memoryBytes: number;
  readonly addLibraries: (lua: LuaState) => void;
}

export class ScriptThread {
  readonly lua: LuaState;
  readonly sandbox: Sandbox;
  readonly #clock: Clock;
  readonly #pauses: Pauses;
  /** Lua's own state may be broken: it must not be used again. */
  #isBroken = false;
  #thread: Pointer = 0;
  #reference = 0;
  #pauseAt = Number.POSITIVE_INFINITY;
  #pausedAt: Place | undefined;
  /** Called when the time is up, in place of a pause. */
  #onTimeUp: ((L: Pointer) => void) | undefined;

  constructor({ clock, memoryBytes, addLibraries }: ThreadOptions) {
    this.#clock = clock;
    this.lua = new LuaState(memoryBytes);
    const onRefused = (): void => this.#endIfStuck();
    this.#pauses = { isPausing: false, coroutines: 0, onRefused };
    this.sandbox = new Sandbox(this.lua, this.#pauses, addLibraries);
    this.lua.setHook(this.lua.main, (L) => this.#hook(L), INSTRUCTIONS);
    this.#newThread();
  }

  /** The thread that the running function has, and its results when it is done. */
  get thread(): Pointer {
    return this.#thread;
  }

  /** It is to be replaced by another one. */
  get isSpent(): boolean {
    return this.#isBroken || this.lua.memoryBytes > KEPT_BYTES;
  }

  #newThread(): void {
    const { api, main } = this.lua;
    api.luaL_unref(main, REGISTRY, this.#reference);
    this.#thread = api.lua_newthread(main);
    this.#reference = api.luaL_ref(main, REGISTRY);
  }

  /** Compiles the text to a function, and keeps it under the number that it returns. @throws CompileError */
  compile(text: string, chunkName: string): number {
    const { api, main } = this.lua;
    const isFine = this.lua.load(main, text, chunkName);
    if (isFine) return api.luaL_ref(main, REGISTRY);
    const message = this.lua.text(main, -1);
    api.lua_settop(main, 0);
    throw new CompileError(message);
  }

  forget(reference: number): void {
    this.lua.api.luaL_unref(this.lua.main, REGISTRY, reference);
  }

  /**
   * Runs the function that is kept under the number, with what `push` puts on the stack. It is paused after `time`
   * milliseconds, or `onTimeUp` is called. @throws Abandoned
   */
  start(
    reference: number,
    time: number,
    push: (L: Pointer) => number,
    onTimeUp?: (L: Pointer) => void,
  ): Progress {
    const L = this.#thread;
    this.lua.api.lua_settop(L, 0);
    this.lua.api.lua_rawgeti(L, REGISTRY, reference);
    this.#onTimeUp = onTimeUp;
    return this.#run(push(L), time);
  }

  /** Lets a function that is paused go on for so many milliseconds. @throws Abandoned */
  resume(time: number): Progress {
    return this.#run(0, time);
  }

  #run(argumentCount: number, time: number): Progress {
    this.#pauses.isPausing = false;
    this.#pausedAt = undefined;
    this.#pauseAt = this.#clock.monotonic() + time;
    try {
      return this.#progressOf(this.lua.api.lua_resume(this.#thread, argumentCount));
    } catch (error) {
      // It was thrown through Lua, which had no chance to put things in order.
      this.#isBroken = true;
      throw error;
    }
  }

  #progressOf(status: number): Progress {
    if (status === LuaStatus.yielded) return 'paused';
    return status === LuaStatus.done ? 'done' : 'failed';
  }

  /** Where the function failed, or is paused. */
  get place(): Place | undefined {
    return this.#pausedAt ?? this.lua.place(this.#thread);
  }

  /** The function has ended, or is not to go on. */
  end(isReusable: boolean): void {
    if (this.#isBroken) return;
    this.#pauses.coroutines = 0;
    this.#pauseAt = Number.POSITIVE_INFINITY;
    if (isReusable) this.lua.api.lua_settop(this.#thread, 0);
    else this.#newThread();
  }

  #hook(L: Pointer): void {
    // A thread further out must not pause for itself while it hands a pause of an inner one on.
    if (this.#pauses.isPausing || this.#clock.monotonic() < this.#pauseAt) return;
    if (this.#onTimeUp !== undefined) this.#onTimeUp(L);
    else if (!this.lua.mayYield(L)) this.#endIfStuck();
    else {
      this.#pauses.isPausing = true;
      this.#pausedAt = this.lua.place(L);
      this.lua.api.lua_yield(L, 0);
    }
  }

  #endIfStuck(): void {
    if (this.#clock.monotonic() < this.#pauseAt + UNPAUSED_MS_MAX) return;
    throw new Abandoned('it ran for too long where it cannot be paused');
  }

  /** The first result of a function that is done, in place of all. */
  keepFirst(): void {
    this.lua.api.lua_settop(this.#thread, 1);
  }
}

/** The text is no program. */
export class CompileError extends Error {}
