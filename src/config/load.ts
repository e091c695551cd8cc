/** Puts the configuration together: defaults, then the file, the environment and the flags over them. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DiskDbError } from '../base/errors.js';
import type { Entry } from './catalog.js';
import { Config, type ConfigFile, NO_EFFECT_YET } from './config.js';
import { joinDeclarations } from './declarations.js';
import { readEnvironment } from './environment.js';
import { type Flag, readFlags } from './flags.js';
import type { Effect } from './option.js';
import { looksLikeRedisConf, readRedisConf } from './redis-file.js';
import { applySetting } from './setting.js';
import type { SourceResult } from './source.js';
import { defaultValues, type ValueStore } from './values.js';
import { readYaml } from './yaml-file.js';

export interface Sources {
  /** A diskdb.conf or a redis.conf. */
  readonly file?: string | undefined;
  /** What the file says, if it was read already: a pipe can be read once. */
  readonly text?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly flags?: readonly Flag[];
}

export interface Loaded {
  readonly config: Config;
  /** What the file says, if there is one. */
  readonly text: string | undefined;
  /** What the user should know, one sentence each; for the log, once it is open. */
  readonly warnings: readonly string[];
}

/** One place that options come from, and what it says. */
interface Source {
  readonly name: string;
  readonly result: SourceResult;
}

/** @throws DiskDbError CONFIG_INVALID with one line for each problem */
export function loadConfig({ file, text, environment = {}, flags = [] }: Sources): Loaded {
  const read = file === undefined ? undefined : readFile(file, text ?? contentOf(file));
  const sources = [
    ...(read === undefined ? [] : [{ name: read.origin.path, result: read.result }]),
    { name: 'environment', result: readEnvironment(environment) },
    { name: 'flags', result: readFlags(flags) },
  ];
  const values = defaultValues();
  const problems = sources.flatMap(({ result }) => [
    ...result.problems,
    ...result.settings.flatMap((setting) => applySetting(values, setting) ?? []),
  ]);
  if (problems.length > 0) throw new DiskDbError('CONFIG_INVALID', problems.join('\n'));
  makeAbsolute(values);
  const declarations = joinDeclarations(sources.flatMap(({ result }) => result.declarations ?? []));
  const config = new Config(values, declarations, read?.origin);
  return { config, text: read?.content, warnings: warningsFor(sources, config) };
}

interface ReadFile {
  readonly content: string;
  readonly origin: ConfigFile;
  readonly result: SourceResult;
}

function readFile(path: string, content: string): ReadFile {
  const syntax = looksLikeRedisConf(content) ? 'redis' : 'yaml';
  const result = syntax === 'redis' ? readRedisConf(content, path) : readYaml(content, path);
  return { content, origin: { path: resolve(path), syntax }, result };
}

/** @throws DiskDbError CONFIG_INVALID if there is no such file, or it may not be read */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiskDbError('CONFIG_INVALID', `cannot read the config file: ${reason}`, error);
  }
}

function makeAbsolute(values: ValueStore): void {
  values.dir = resolve(String(values.dir));
}

/** What was asked for and will not happen, so that nobody has to find out. */
function warningsFor(sources: readonly Source[], config: Config): string[] {
  const settings = sources.flatMap(({ result }) => result.settings);
  const idle = new Set(settings.map(({ entry }) => entry).filter((entry) => isIdle(config, entry)));
  return [
    ...sources.flatMap(({ name, result }) => unknownWarning(name, result.unused)),
    ...warningAbout('these options have no effect in DiskDB', idle, 'none'),
    ...warningAbout(NO_EFFECT_YET, idle, 'later'),
    ...riskWarnings(config),
  ];
}

function unknownWarning(source: string, unused: readonly string[]): string[] {
  return unused.length === 0 ? [] : [`${source}: unknown to DiskDB: ${unused.join(', ')}`];
}

function isIdle(config: Config, { option, path }: Entry): boolean {
  if (option.effect === 'full') return false;
  const [[, value] = []] = config.get(option.redis?.names[0] ?? path);
  const codec = option.redis?.codec ?? option;
  return value !== codec.format(option.parse(option.default));
}

function warningAbout(what: string, idle: ReadonlySet<Entry>, effect: Effect): string[] {
  const names = [...idle]
    .filter(({ option }) => option.effect === effect)
    .map(({ option, path, section }) => (section === 'redis' ? option.redis?.names[0] : path));
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
}

/** A redis.conf says `appendonly no` unless its owner has changed it: what that means here must be seen. */
function riskWarnings({ values }: Config): string[] {
  if (values.persistence.walEnabled || values.storageEngine === 'memory') return [];
  const name = 'the write-ahead log is off (persistence.wal_enabled, Redis: appendonly)';
  return [`${name}: a crash loses what changed since the last checkpoint`];
}
