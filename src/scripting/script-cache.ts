/** EVAL's scripts: by the digest of their text, compiled when they are first run. */

import { createHash } from 'node:crypto';
import { fail } from '../commands/command-error.js';
import type { CommandContext } from '../commands/context.js';
import type { ScriptArguments } from '../commands/scripts.js';
import type { Transaction } from '../keyspace/transaction.js';
import type { Reply } from '../protocol/reply.js';
import { pushTexts } from './engine.js';
import { CompileError, type ScriptThread } from './lua/script-thread.js';
import type { Pointer } from './lua/wasm-module.js';
import { HeaderError, parseScript, type Script } from './script-header.js';
import type { ScriptRuns } from './script-runs.js';

/** Scripts that came by EVAL and are kept; those of SCRIPT LOAD are kept for good. */
const EVALUATED_MAX = 500;
const CHUNK = '@user_script';
const NO_SCRIPT = 'NOSCRIPT No matching script. Please use EVAL.';

interface CachedScript extends Script {
  readonly digest: string;
  readonly bytes: number;
  /** Of SCRIPT LOAD. */
  isKept: boolean;
  /** The thread that has compiled it, and the number under which it did. */
  thread: ScriptThread | undefined;
  reference: number;
}

export class ScriptCache {
  readonly #runs: ScriptRuns;
  readonly #transaction: Transaction;
  readonly #makeThread: () => ScriptThread;
  #thread: ScriptThread | undefined;
  #scripts = new Map<string, CachedScript>();
  #evaluated = 0;
  #bytes = 0;

  constructor(runs: ScriptRuns, transaction: Transaction, makeThread: () => ScriptThread) {
    this.#runs = runs;
    this.#transaction = transaction;
    this.#makeThread = makeThread;
  }

  get count(): number {
    return this.#scripts.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What Lua takes, in bytes. */
  get memoryBytes(): number {
    return this.#thread?.lua.usedBytes ?? 0;
  }

  has(digest: string): boolean {
    return this.#scripts.has(digest.toLowerCase());
  }

  onlyReads(digest: string): boolean {
    return this.#scripts.get(digest.toLowerCase())?.flags?.has('no-writes') ?? false;
  }

  run(context: CommandContext, text: string, call: ScriptArguments): Reply {
    return this.#start(context, this.#add(text), call);
  }

  runCached(context: CommandContext, digest: string, call: ScriptArguments): Reply {
    const script = this.#scripts.get(digest) ?? this.#scripts.get(digest.toLowerCase());
    if (script === undefined) fail(NO_SCRIPT);
    return this.#start(context, script, call);
  }

  load(text: string): string {
    const script = this.#add(text);
    if (!script.isKept) {
      script.isKept = true;
      this.#evaluated--;
    }
    return script.digest;
  }

  flush(): void {
    const { thread, scripts } = { thread: this.#thread, scripts: this.#scripts };
    const [evaluated, bytes] = [this.#evaluated, this.#bytes];
    this.#transaction.onUndo(() => {
      this.#scripts = scripts;
      this.#evaluated = evaluated;
      this.#bytes = bytes;
    });
    this.#scripts = new Map();
    this.#evaluated = 0;
    this.#bytes = 0;
    // What the scripts took goes with it.
    if (thread !== undefined) this.#thread = undefined;
  }

  /** The cached script, made if there is none. It is cached though the request be undone: it is what its digest says. */
  #add(text: string): CachedScript {
    const digest = createHash('sha1').update(text, 'latin1').digest('hex');
    const cached = this.#scripts.get(digest);
    if (cached !== undefined) return cached;
    const bytes = text.length;
    const script = {
      ...parsed(text),
      digest,
      bytes,
      isKept: false,
      thread: undefined,
      reference: 0,
    };
    this.#compile(script);
    this.#scripts.set(digest, script);
    this.#bytes += bytes;
    this.#evaluated++;
    if (this.#evaluated > EVALUATED_MAX) this.#dropOldest();
    return script;
  }

  #dropOldest(): void {
    for (const script of this.#scripts.values()) {
      if (script.isKept) continue;
      this.#scripts.delete(script.digest);
      this.#bytes -= script.bytes;
      this.#evaluated--;
      script.thread?.forget(script.reference);
      return;
    }
  }

  #compile(script: CachedScript): ScriptThread {
    if (this.#thread === undefined || this.#thread.isSpent) this.#thread = this.#makeThread();
    const thread = this.#thread;
    if (script.thread === thread) return thread;
    try {
      script.reference = thread.compile(script.body, CHUNK);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      fail(`ERR Error compiling script (new function): ${error.message}`);
    }
    script.thread = thread;
    return thread;
  }

  #start(context: CommandContext, script: CachedScript, call: ScriptArguments): Reply {
    this.#runs.prepare(context, script.flags, call);
    const thread = this.#compile(script);
    const push = (L: Pointer): number => {
      const { lua, sandbox } = thread;
      sandbox.pushGlobals(L);
      pushTexts(lua, L, call.keys);
      lua.api.lua_setfield(L, -2, lua.name('KEYS'));
      pushTexts(lua, L, call.args);
      lua.api.lua_setfield(L, -2, lua.name('ARGV'));
      lua.api.lua_settop(L, -2);
      return 0;
    };
    const { digest: name, flags, reference } = script;
    const program = { kind: 'script', name, flags, thread, reference, push } as const;
    return this.#runs.start(context, program, call);
  }
}

function parsed(text: string): Script {
  try {
    return parseScript(text);
  } catch (error) {
    if (error instanceof HeaderError) fail(`ERR ${error.message}`);
    throw error;
  }
}
