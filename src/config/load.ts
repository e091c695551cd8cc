/** Puts the configuration together: defaults, then the file, the environment and the flags over them. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DiskDbError } from '../base/errors.js';
import { Config, type ConfigFile } from './config.js';
import { readEnvironment } from './environment.js';
import { type Flag, readFlags } from './flags.js';
import { looksLikeRedisConf, readRedisConf } from './redis-file.js';
import { applySetting } from './setting.js';
import type { SourceResult } from './source.js';
import { defaultValues, type ValueStore } from './values.js';
import { readYaml } from './yaml-file.js';

export interface Sources {
  /** A diskdb.conf or a redis.conf. */
  readonly file?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv;
  readonly flags?: readonly Flag[];
}

export interface Loaded {
  readonly config: Config;
  /** What the user should know, one sentence each; for the log, once it is open. */
  readonly warnings: readonly string[];
}

/** @throws DiskDbError CONFIG_INVALID with one line for each problem */
export function loadConfig({ file, environment = {}, flags = [] }: Sources): Loaded {
  const read = file === undefined ? undefined : readFile(file);
  const outer = [readEnvironment(environment), readFlags(flags)];
  const values = defaultValues();
  const problems = [...(read === undefined ? [] : [read.result]), ...outer].flatMap((result) => [
    ...result.problems,
    ...result.settings.flatMap((setting) => applySetting(values, setting) ?? []),
  ]);
  if (problems.length > 0) throw new DiskDbError('CONFIG_INVALID', problems.join('\n'));
  makeAbsolute(values);
  const config = new Config(values, read?.origin);
  const unknown = environmentWarnings(outer[0]?.unused ?? []);
  return { config, warnings: [...fileWarnings(read), ...unknown, ...riskWarnings(config)] };
}

interface ReadFile {
  readonly origin: ConfigFile;
  readonly result: SourceResult;
}

function readFile(path: string): ReadFile {
  const content = contentOf(path);
  const syntax = looksLikeRedisConf(content) ? 'redis' : 'yaml';
  const result = syntax === 'redis' ? readRedisConf(content, path) : readYaml(content, path);
  return { origin: { path: resolve(path), syntax }, result };
}

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

function fileWarnings(read: ReadFile | undefined): string[] {
  const unused = read?.result.unused ?? [];
  if (read === undefined || unused.length === 0) return [];
  return [`${read.origin.path}: these directives have no effect in DiskDB: ${unused.join(', ')}`];
}

function environmentWarnings(unused: readonly string[]): string[] {
  return unused.map((name) => `the environment variable ${name} names no option`);
}

/** A redis.conf says `appendonly no` unless its owner has changed it: what that means here must be seen. */
function riskWarnings({ values }: Config): string[] {
  if (values.persistence.walEnabled || values.storageEngine === 'memory') return [];
  return [
    `the write-ahead log is off (persistence.wal_enabled, or appendonly in a redis.conf): a crash loses what changed since the last checkpoint`,
  ];
}
