/** Libraries of functions: kept as records of the server's own, compiled when one of their functions is first called. */

import type { Logger } from '../base/log.js';
import { fail } from '../commands/command-error.js';
import type { CommandContext } from '../commands/context.js';
import type { Functions, Library, RestorePolicy, ScriptArguments } from '../commands/scripts.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import type { Reply } from '../protocol/reply.js';
import { pushTexts } from './engine.js';
import { dumpLibraries, readLibraries } from './function-dump.js';
import { parseLibrary } from './library-header.js';
import { LibraryLoader, type RegisteredFunction } from './library-loader.js';
import type { ScriptThread } from './lua/script-thread.js';
import type { Pointer } from './lua/wasm-module.js';
import type { ScriptRuns } from './script-runs.js';

/** Records of libraries are named by this and the library's name. */
const PREFIX = 'function/';

export interface FunctionLibrariesParts {
  readonly runs: ScriptRuns;
  readonly keyspace: Keyspace;
  readonly logger: Logger;
  readonly makeThread: () => ScriptThread;
}

interface LoadedLibrary extends Library {
  readonly functions: readonly RegisteredFunction[];
}

/** What is there at one time: never changed, but replaced. */
interface Catalog {
  readonly libraries: ReadonlyMap<string, LoadedLibrary>;
  /** Functions by name, in lower case: FCALL finds them by any. */
  readonly functions: ReadonlyMap<string, RegisteredFunction>;
}

const EMPTY: Catalog = { libraries: new Map(), functions: new Map() };

export class FunctionLibraries implements Functions {
  readonly #parts: FunctionLibrariesParts;
  #loader: LibraryLoader | undefined;
  #catalog = EMPTY;

  constructor(parts: FunctionLibrariesParts) {
    this.#parts = parts;
  }

  /** Loads what the records hold. A library that does not load, because of a bug, stays on disk and is named in the log. */
  open(): void {
    const { ownRecords } = this.#parts.keyspace;
    for (const name of ownRecords.names().sort()) {
      if (!name.startsWith(PREFIX)) continue;
      try {
        this.#catalog = this.#with(this.#catalog, ownRecords.get(name) as string, false);
      } catch (error) {
        const fields = { err: error, library: name.slice(PREFIX.length) };
        this.#parts.logger.error(fields, 'a library of functions could not be loaded');
      }
    }
  }

  get libraries(): readonly Library[] {
    return [...this.#catalog.libraries.values()];
  }

  /** What Lua takes, in bytes. */
  get memoryBytes(): number {
    return this.#loader?.thread.lua.usedBytes ?? 0;
  }

  onlyReads(name: string): boolean {
    return this.#catalog.functions.get(name.toLowerCase())?.flags?.has('no-writes') ?? false;
  }

  call(context: CommandContext, name: string, call: ScriptArguments): Reply {
    const known = this.#find(name);
    this.#parts.runs.prepare(context, known.flags, call);
    const { thread } = this.#loaderForCatalog();
    // The thread may be another one since.
    const { flags, reference, name: ownName } = this.#find(name);
    const push = (L: Pointer): number => {
      pushTexts(thread.lua, L, call.keys);
      pushTexts(thread.lua, L, call.args);
      return 2;
    };
    const program = { kind: 'function', name: ownName, flags, thread, reference, push } as const;
    return this.#parts.runs.start(context, program, call);
  }

  #find(name: string): RegisteredFunction {
    return this.#catalog.functions.get(name.toLowerCase()) ?? fail('ERR Function not found');
  }

  load(code: string, replaces: boolean): string {
    const { name } = parseLibrary(code);
    this.#set(this.#with(this.#catalog, code, replaces));
    return name;
  }

  delete(name: string): boolean {
    if (!this.#catalog.libraries.has(name)) return false;
    this.#set(without(this.#catalog, name));
    return true;
  }

  flush(): void {
    this.#set(EMPTY);
  }

  dump(): string {
    return dumpLibraries([...this.#catalog.libraries.values()].map(({ code }) => code));
  }

  restore(payload: string, policy: RestorePolicy): void {
    const codes = readLibraries(payload);
    if (codes === undefined) fail('ERR given type is not a function');
    let catalog = policy === 'flush' ? EMPTY : this.#catalog;
    for (const code of codes) {
      catalog = this.#with(catalog, code, policy === 'replace', '');
    }
    this.#set(catalog);
  }

  /** The catalog with one more library; `mark` stands around its name where it is said to exist. @throws CommandError */
  #with(catalog: Catalog, code: string, replaces: boolean, mark = "'"): Catalog {
    const header = parseLibrary(code);
    if (!replaces && catalog.libraries.has(header.name)) {
      fail(`ERR Library ${mark}${header.name}${mark} already exists`);
    }
    const functions = [...this.#loaderForCatalog().load(header).values()];
    const others = without(catalog, header.name);
    for (const { name } of functions) {
      if (others.functions.has(name.toLowerCase())) fail(`ERR Function ${name} already exists`);
    }
    const library = { name: header.name, code, functions };
    return {
      libraries: new Map([...others.libraries, [header.name, library]]),
      functions: new Map([
        ...others.functions,
        ...functions.map((each) => [each.name.toLowerCase(), each] as const),
      ]),
    };
  }

  /** The catalog changes at once, and back if the request is undone; so do the records. */
  #set(catalog: Catalog): void {
    const { transaction, ownRecords } = this.#parts.keyspace;
    const before = this.#catalog;
    transaction.onUndo(() => {
      this.#catalog = before;
    });
    this.#catalog = catalog;
    for (const name of before.libraries.keys()) {
      if (!catalog.libraries.has(name)) ownRecords.set(PREFIX + name, undefined);
    }
    for (const { name, code } of catalog.libraries.values()) ownRecords.set(PREFIX + name, code);
  }

  /** A thread that has compiled what the catalog holds. */
  #loaderForCatalog(): LibraryLoader {
    if (this.#loader !== undefined && !this.#loader.thread.isSpent) return this.#loader;
    const loader = new LibraryLoader(this.#parts.makeThread(), this.#parts.logger);
    this.#loader = loader;
    const codes = [...this.#catalog.libraries.values()].map(({ code }) => code);
    this.#catalog = EMPTY;
    for (const code of codes) this.#catalog = this.#with(this.#catalog, code, false);
    return loader;
  }
}

function without({ libraries, functions }: Catalog, name: string): Catalog {
  const gone = new Set(libraries.get(name)?.functions.map((each) => each.name.toLowerCase()));
  return {
    libraries: new Map([...libraries].filter(([each]) => each !== name)),
    functions: new Map([...functions].filter(([each]) => !gone.has(each))),
  };
}
