/** The table of options as a list, with every name an option goes by. */

import type { Option } from './option.js';
import { options } from './options.js';

/** One option with its place and names. Values are `unknown` here: types are for `config.values`. */
export interface Entry {
  /** As in a file: `persistence.wal_enabled`. */
  readonly path: string;
  /** As in code: `persistence.walEnabled`. */
  readonly codePath: string;
  /** Undefined at the top of the file. */
  readonly section: string | undefined;
  readonly key: string;
  /** Without its dashes: `wal-enabled`. */
  readonly flag: string;
  /** `DISKDB_PERSISTENCE_WAL_ENABLED`. */
  readonly environment: string;
  readonly option: Option<unknown>;
}

/** Sections whose flags carry their name, since the last word alone says too little. */
const PREFIXED = new Set([
  'log',
  'slowlog',
  'commandlog',
  'latency',
  'eviction',
  'notifications',
  'tls',
]);

/** `walEnabled` to `wal_enabled`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function entry(section: string | undefined, key: string, option: Option<unknown>): Entry {
  const name = snakeCase(key);
  const path = section === undefined ? name : `${section}.${name}`;
  const flag = section !== undefined && PREFIXED.has(section) ? `${section}-${name}` : name;
  return {
    path,
    codePath: section === undefined ? key : `${section}.${key}`,
    section,
    key,
    flag: flag.replaceAll('_', '-'),
    environment: `DISKDB_${path.replace('.', '_').toUpperCase()}`,
    option,
  };
}

function isOption(
  node: Option<unknown> | Record<string, Option<unknown>>,
): node is Option<unknown> {
  return typeof node.parse === 'function';
}

function list(): Entry[] {
  const tree: Record<string, Option<unknown> | Record<string, Option<unknown>>> = options;
  return Object.entries(tree).flatMap(([name, node]) =>
    isOption(node)
      ? [entry(undefined, name, node)]
      : Object.entries(node).map(([key, option]) => entry(name, key, option)),
  );
}

/** Every option, in the order of the table. */
export const entries: readonly Entry[] = list();

function index(names: (each: Entry) => readonly string[]): ReadonlyMap<string, Entry> {
  return new Map(entries.flatMap((each) => names(each).map((name) => [name, each] as const)));
}

export const entryByPath = index((each) => [each.path]);
export const entryByCodePath = index((each) => [each.codePath]);
export const entryByFlag = index((each) => [each.flag]);
export const entryByEnvironment = index((each) => [each.environment]);
/** By each name that Redis knows it by, in lower case. */
export const entryByRedisName = index((each) => each.option.redis?.names ?? []);

/** The names of sections, in the order of the table. */
export const sections: readonly string[] = [
  ...new Set(entries.flatMap((each) => each.section ?? [])),
];
