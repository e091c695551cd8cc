/** Scripts and functions as commands see them: the contracts. `src/scripting` implements them. */

import type { Reply } from '../protocol/reply.js';
import type { CommandContext } from './context.js';

/** What a script or function is called with. */
export interface ScriptArguments {
  /** The request. */
  readonly argv: readonly string[];
  readonly keys: readonly string[];
  readonly args: readonly string[];
  /** It was called by EVAL_RO or its like: it may not write. */
  readonly readOnly: boolean;
}

export type ScriptKind = 'script' | 'function';

/** What runs now, as FUNCTION STATS shows it. */
export interface RunningScript {
  readonly kind: ScriptKind;
  /** The function's name, or the script's digest. */
  readonly name: string;
  readonly argv: readonly string[];
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
}

export interface Scripts {
  /** Cached scripts. */
  readonly count: number;
  /** What their texts take, in bytes. */
  readonly bytes: number;
  /** What Lua takes, for scripts and for functions, in bytes. */
  readonly memory: { readonly scripts: number; readonly functions: number };
  readonly functions: Functions;
  /** Scripts may call what no script may: for tests. */
  allowsAll: boolean;
  readonly running: RunningScript | undefined;
  /** What others get while it runs for long. */
  readonly busyError: string;
  /** Runs the text of a script, which is cached then. May fault; once it runs it does not. */
  run(context: CommandContext, text: string, call: ScriptArguments): Reply;
  /** Runs a cached script. @throws CommandError NOSCRIPT */
  runCached(context: CommandContext, digest: string, call: ScriptArguments): Reply;
  /** Caches a script and returns its digest, 40 hex digits. @throws CommandError if it is no program */
  load(text: string): string;
  has(digest: string): boolean;
  /** The text, or the cached script, says of itself that it does not write. */
  onlyReads(text: string): boolean;
  cachedOnlyReads(digest: string): boolean;
  flush(): void;
  /** Ends what has run for long. @throws CommandError NOTBUSY, UNKILLABLE, BUSY */
  kill(kind: ScriptKind): void;
}

/** A function as FUNCTION LIST shows it. */
export interface LibraryFunction {
  readonly name: string;
  readonly description: string | undefined;
  readonly flags: ReadonlySet<string>;
}

export interface Library {
  readonly name: string;
  readonly code: string;
  readonly functions: readonly LibraryFunction[];
}

/** How RESTORE treats what is there already. */
export type RestorePolicy = 'append' | 'flush' | 'replace';

export interface Functions {
  readonly libraries: readonly Library[];
  /** The function says of itself that it does not write. */
  onlyReads(name: string): boolean;
  /** Runs a function. @throws CommandError if there is none */
  call(context: CommandContext, name: string, call: ScriptArguments): Reply;
  /** Loads a library and returns its name. @throws CommandError */
  load(code: string, replaces: boolean): string;
  /** False: there is none of that name. */
  delete(name: string): boolean;
  flush(): void;
  /** All libraries, as Redis's FUNCTION DUMP has them. */
  dump(): string;
  /** @throws CommandError */
  restore(payload: string, policy: RestorePolicy): void;
}
