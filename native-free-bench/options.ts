/** The command line of the load generator: flags, defaults, ranges. */

import { parseArgs } from 'node:util';
import { WORKLOADS, type Workload } from './workload.js';

/** A RESP server to measure. */
export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface Options {
  readonly targets: readonly Target[];
  readonly workloads: readonly Workload[];
  readonly clients: number;
  readonly pipelines: readonly number[];
  /** Bytes of a value. */
  readonly valueSize: number;
  /** Keys are drawn from this many names. */
  readonly keyRange: number;
  /** Requests of one round on one server. */
  readonly requests: number;
  readonly rounds: number;
  /** Share of reads in the workload `mixed`, 0–1. */
  readonly readShare: number;
  readonly preload: boolean;
  readonly seed: number;
  readonly password: string | undefined;
  readonly format: 'text' | 'json' | 'csv';
}

/** What the command line asked for: a run, or a text to print. */
export type Invocation = { readonly options: Options } | { readonly print: string };

const FLAGS = {
  servers: { type: 'string', default: '127.0.0.1:6379' },
  workload: { type: 'string', default: 'get,set,incr' },
  clients: { type: 'string', default: '50' },
  pipeline: { type: 'string', default: '1' },
  'value-size': { type: 'string', default: '100' },
  'key-range': { type: 'string', default: '100000' },
  requests: { type: 'string', default: '200000' },
  rounds: { type: 'string', default: '5' },
  'read-share': { type: 'string', default: '0.9' },
  'no-preload': { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  password: { type: 'string' },
  json: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const HELP = `npm run bench -- [flags]

  --servers a:6379,name=b:6380  servers to measure, in interleaved rounds; the first is the base of the ratios
  --workload get,set,incr       workloads, one after the other (--list shows them)
  --clients 50                  connections
  --pipeline 1,16               requests in flight per connection
  --value-size 100              bytes of a value
  --key-range 100000            number of different keys
  --requests 200000             requests of a round
  --rounds 5                    rounds per server; the median counts
  --read-share 0.9              share of reads in "mixed"
  --no-preload                  do not write the keys that are going to be read
  --seed 1                      seed of the random keys
  --password ...                AUTH before anything else
  --json, --csv                 print that in place of the tables
`;

/** Reads the command line; throws an Error whose message is for the user. */
export function parseOptions(argv: readonly string[]): Invocation {
  const { values } = parseArgs({ args: [...argv], options: FLAGS });
  if (values.help) return { print: HELP };
  if (values.list) return { print: listWorkloads() };
  if (values.json && values.csv) throw new Error('--json and --csv exclude each other');
  return {
    options: {
      targets: values.servers.split(',').map(parseTarget),
      workloads: values.workload.split(',').map(findWorkload),
      clients: whole('clients', values.clients, 1, 10_000),
      pipelines: values.pipeline.split(',').map((text) => whole('pipeline', text, 1, 10_000)),
      valueSize: whole('value-size', values['value-size'], 0, 512 * 1024 * 1024),
      keyRange: whole('key-range', values['key-range'], 1, 1e12),
      requests: whole('requests', values.requests, 1, 1e12),
      rounds: whole('rounds', values.rounds, 1, 1000),
      readShare: share('read-share', values['read-share']),
      preload: !values['no-preload'],
      seed: whole('seed', values.seed, 1, 2 ** 31),
      password: values.password,
      format: values.json ? 'json' : values.csv ? 'csv' : 'text',
    },
  };
}

/** `port`, `host:port` or `name=host:port`. */
function parseTarget(text: string): Target {
  const match = /^(?:([^=]+)=)?(?:(.+):)?(\d+)$/.exec(text.trim());
  if (!match) throw new Error(`--servers: "${text}" is not host:port or name=host:port`);
  const host = match[2] ?? '127.0.0.1';
  const port = whole('servers', match[3] ?? '', 1, 65535);
  return { name: match[1] ?? `${host}:${port}`, host, port };
}

function findWorkload(name: string): Workload {
  const workload = WORKLOADS.find((candidate) => candidate.name === name.trim());
  if (!workload) throw new Error(`--workload: no "${name}"; there are:\n${listWorkloads()}`);
  return workload;
}

function listWorkloads(): string {
  return WORKLOADS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}\n`).join('');
}

function whole(flag: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new Error(`--${flag}: "${text}" is not a whole number from ${least} to ${most}`);
  }
  return number;
}

function share(flag: string, text: string): number {
  const number = Number(text);
  if (text === '' || !(number >= 0 && number <= 1)) {
    throw new Error(`--${flag}: "${text}" is not a number from 0 to 1`);
  }
  return number;
}
