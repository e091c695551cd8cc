/** The configuration of a running server: typed values, and CONFIG GET, SET and REWRITE over them. */

import { assert } from '../base/assert.js';
import { matchesGlob } from '../base/glob.js';
import { type Entry, entries, entryByCodePath, entryByPath, entryByRedisName } from './catalog.js';
import { BadValue } from './codec.js';
import type { Declaration, Declarations } from './declarations.js';
import type { ConfigValues, OptionPath, ValueAt } from './options.js';
import { rewriteFile } from './rewrite.js';
import { type Assignment, assignments, type Dialect } from './setting.js';
import { readValue, typedValues, type ValueStore, writeValue } from './values.js';

/** The file that the server was started with. */
export interface ConfigFile {
  readonly path: string;
  readonly syntax: 'yaml' | 'redis';
}

/** A CONFIG command that failed. The message is the whole error reply, as Redis 7 words it. */
export class ConfigCommandError extends Error {}

/** What is said, at the start and by CONFIG SET, to whoever sets an option that waits for a feature. */
export const NO_EFFECT_YET = 'these options have no effect in this version of DiskDB';

/** Puts back what a call of `set` changed. */
export type Undo = () => void;

/** Takes a new value into use. What it throws refuses the change, with the error's message as the reason. */
export type Apply<T> = (value: T, previous: T) => void;

type Subscriber = (value: unknown, previous: unknown) => Undo;

interface Named {
  readonly name: string;
  readonly entry: Entry;
  readonly dialect: Dialect;
}

interface NamedAssignment extends Assignment {
  readonly name: string;
}

export class Config {
  /** The present values. Sections are live: hold one, and CONFIG SET shows in it. */
  readonly values: ConfigValues;
  readonly file: ConfigFile | undefined;
  /** As the file declares them. */
  readonly users: readonly Declaration[];
  readonly renames: readonly Declaration[];
  readonly #store: ValueStore;
  readonly #subscribers = new Map<Entry, Subscriber[]>();
  /** Set at run time, and not yet in the file. */
  readonly #changed = new Set<Entry>();

  constructor(store: ValueStore, { users, renames }: Declarations, file?: ConfigFile) {
    this.#store = store;
    this.users = users;
    this.renames = renames;
    this.values = typedValues(store);
    this.file = file;
  }

  /**
   * CONFIG GET: names and values, each once. Options go by the names that Redis has for them and by their
   * path in the file; a pattern without wildcards is answered in the case that was asked for first.
   */
  get(...patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [name: string, value: string]>();
    for (const pattern of patterns) {
      const exact = !/[*?[\]\\]/.test(pattern);
      for (const named of allNames) {
        if (found.has(named.name) || !matchesGlob(pattern, named.name, true)) continue;
        found.set(named.name, [exact ? pattern : named.name, this.#format(named)]);
      }
    }
    return [...found.values()];
  }

  /**
   * CONFIG SET: all of it or nothing. Changes are in `values`, and taken into use, when it returns.
   * @returns what undoes it, for a transaction that is aborted
   * @throws ConfigCommandError
   */
  set(pairs: readonly (readonly [name: string, text: string])[]): Undo {
    const named = this.#lookUpAll(pairs.map(([name]) => name));
    const changes = named.flatMap((each, i) => this.#parse(each, pairs[i]?.[1] ?? ''));
    const previous = changes.map(({ entry }) => readValue(this.#store, entry));
    for (const [i, change] of changes.entries()) checkLive(change, previous[i]);
    for (const { entry, value } of changes) writeValue(this.#store, entry, value);
    const takeBack = this.#applyAll(changes, previous);
    const marked = changes.map(({ entry }) => entry).filter((each) => !this.#changed.has(each));
    for (const entry of marked) this.#changed.add(entry);
    return () => {
      takeBack();
      for (const entry of marked) this.#changed.delete(entry);
    };
  }

  /**
   * What `set` would give to some options, by their code path, of those that it names.
   * @throws ConfigCommandError
   */
  preview(
    pairs: readonly (readonly [name: string, text: string])[],
    paths: readonly OptionPath[],
  ): ReadonlyMap<string, unknown> {
    const concerned = pairs.filter(([name]) => {
      const path = lookUp(name)?.entry.codePath;
      return paths.some((each) => each === path);
    });
    const named = this.#lookUpAll(concerned.map(([name]) => name));
    const changes = named.flatMap((each, i) => this.#parse(each, concerned[i]?.[1] ?? ''));
    return new Map(changes.map(({ entry, value }) => [entry.codePath, value]));
  }

  /** Those of the names whose option waits for a feature that is not built yet. */
  withoutEffectYet(names: readonly string[]): readonly string[] {
    return names.filter((name) => lookUp(name)?.entry.option.effect === 'later');
  }

  /** Calls `apply` whenever CONFIG SET changes this option. It may throw to refuse. */
  onChange<P extends OptionPath>(path: P, apply: Apply<ValueAt<P>>): void {
    const entry = entryOf(path);
    this.#subscribe(entry, undoable(entry, apply as Apply<unknown>));
  }

  /** The same for what is not put back by applying the value before: `apply` says what does. */
  onChangeWithUndo<P extends OptionPath>(path: P, apply: (value: ValueAt<P>) => Undo): void {
    this.#subscribe(entryOf(path), apply as Subscriber);
  }

  /** The same for every option of a section. */
  onSectionChange(section: string, apply: () => void): void {
    const concerned = entries.filter((each) => each.section === section);
    assert(concerned.length > 0, `the table has no section ${section}`);
    for (const entry of concerned) this.#subscribe(entry, undoable(entry, apply));
  }

  #subscribe(entry: Entry, subscriber: Subscriber): void {
    const subscribers = this.#subscribers.get(entry) ?? [];
    subscribers.push(subscriber);
    this.#subscribers.set(entry, subscribers);
  }

  /**
   * CONFIG REWRITE: writes what CONFIG SET has changed into the file, and leaves the rest of it alone.
   * @param users names and rules, as bytes, if they are not as the file declares them
   * @throws ConfigCommandError
   */
  rewrite(users?: readonly (readonly string[])[]): void {
    if (this.file === undefined) {
      throw new ConfigCommandError('ERR The server is running without a config file');
    }
    const changes = [...this.#changed].map((entry) => ({
      entry,
      value: readValue(this.#store, entry),
    }));
    try {
      rewriteFile(this.file, changes, users);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ConfigCommandError(`ERR Rewriting config file: ${reason}`, { cause: error });
    }
    this.#changed.clear();
  }

  #format({ entry, dialect }: Named): string {
    const { option } = entry;
    const codec = dialect === 'redis' ? (option.redis?.codec ?? option) : option;
    return codec.format(readValue(this.#store, entry));
  }

  #lookUpAll(names: readonly string[]): Named[] {
    const seen = new Set<Entry>();
    return names.map((name) => {
      const named = lookUp(name);
      if (named === undefined) {
        const what = 'Unknown option or number of arguments for CONFIG SET';
        throw new ConfigCommandError(`ERR ${what} - '${name}'`);
      }
      // By a name that Redis does not know, the value that it has may be set: as CONFIG GET * shows it.
      if (!named.entry.option.live && named.dialect === 'redis') throw immutable(name);
      if (seen.has(named.entry)) throw failed(name, 'duplicate parameter');
      seen.add(named.entry);
      return named;
    });
  }

  #parse({ name, entry, dialect }: Named, text: string): NamedAssignment[] {
    try {
      const current = readValue(this.#store, entry);
      return assignments(entry, text, dialect, current).map((each) => ({ ...each, name }));
    } catch (error) {
      if (error instanceof BadValue) throw failed(name, reasonFor(error, dialect));
      throw error;
    }
  }

  /** Tells the subscribers. If one refuses, the values and those told before go back, and it throws. */
  #applyAll(changes: readonly NamedAssignment[], previous: readonly unknown[]): Undo {
    const told: Undo[] = [];
    const takeBack = (): void => {
      for (const [i, { entry }] of changes.entries()) writeValue(this.#store, entry, previous[i]);
      for (const undo of told.reverse()) undo();
    };
    for (const [i, { entry, value, name }] of changes.entries()) {
      if (Object.is(value, previous[i]) && !entry.option.takesEffectAgain) continue;
      for (const apply of this.#subscribers.get(entry) ?? []) {
        try {
          told.push(apply(value, previous[i]));
        } catch (error) {
          takeBack();
          throw failed(name, error instanceof Error ? error.message : String(error));
        }
      }
    }
    return takeBack;
  }
}

function entryOf(path: OptionPath): Entry {
  const entry = entryByCodePath.get(path);
  assert(entry !== undefined, `the table has no option ${path}`);
  return entry;
}

function undoable(entry: Entry, apply: Apply<unknown>): Subscriber {
  return (value, previous) => {
    apply(value, previous);
    return () => putBack(entry, apply, previous, value);
  };
}

/** Going back must not fail half way: who refuses the value it had before is left with the new one. */
function putBack(entry: Entry, apply: Apply<unknown>, value: unknown, present: unknown): void {
  try {
    apply(value, present);
  } catch (error) {
    process.emitWarning(`${entry.path} could not be put back: ${String(error)}`);
  }
}

/** Refused even by DiskDB's own name, unless it is the value that it has. */
function checkLive({ name, entry: { option }, value }: NamedAssignment, present: unknown): void {
  if (!option.live && option.format(value) !== option.format(present)) throw immutable(name);
}

function immutable(name: string): ConfigCommandError {
  return failed(name, "can't set immutable config");
}

function failed(name: string, reason: string): ConfigCommandError {
  const where = `possibly related to argument '${name}'`;
  return new ConfigCommandError(`ERR CONFIG SET failed (${where}) - ${reason}`);
}

function reasonFor({ message }: BadValue, dialect: Dialect): string {
  return dialect === 'own' && message.startsWith('must ') ? `argument ${message}` : message;
}

function lookUp(name: string): Named | undefined {
  const lower = name.toLowerCase();
  const redis = entryByRedisName.get(lower);
  if (redis !== undefined) return { name, entry: redis, dialect: 'redis' };
  const own = entryByPath.get(lower);
  return own === undefined ? undefined : { name, entry: own, dialect: 'own' };
}

/** Options of section `redis` have no second name in CONFIG GET: their path only repeats the first. */
const allNames: readonly Named[] = entries.flatMap((entry) => {
  const redis = entry.option.redis?.names ?? [];
  const hasOwn = entry.section !== 'redis' && !redis.includes(entry.path);
  return [
    ...redis.map((name) => ({ name, entry, dialect: 'redis' as const })),
    ...(hasOwn ? [{ name: entry.path, entry, dialect: 'own' as const }] : []),
  ];
});
