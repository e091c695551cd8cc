/** diskdb.conf.example and the lists of docs/configuration.md, made from the table. */

import { stringify } from 'yaml';
import { type Entry, entries, sections } from './catalog.js';

const WIDTH = 100;

/** What each section is about. */
const SECTION_TITLES: Readonly<Record<string, string>> = {
  general: 'General',
  persistence: 'Durability and disk',
  network: 'Network',
  limits: 'Limits of clients',
  eviction: 'Limit of the dataset',
  scripting: 'Scripts and functions',
  tls: 'TLS',
  security: 'Security',
  log: 'Log',
  slowlog: 'Slow commands',
  commandlog: 'Large requests and replies',
  latency: 'Latency',
  notifications: 'Notifications',
  redis: 'Kept for Redis clients',
};

const REDIS_NOTE =
  'DiskDB itself does not use these, but those marked "In effect". They are kept because clients and tools of Redis ' +
  'read and set them (CONFIG GET, CONFIG SET). "Later" marks those that wait for a feature that DiskDB does not have yet.';

const EXAMPLE_HEAD = `# DiskDB's options, each with its default. Start with: diskdb diskdb.conf
#
# Sizes: 64MB is 64 * 1024 * 1024 bytes; KB, MB, GB and TB count in powers of 1024, and k, m, g and t
# (without the B) in powers of 1000, as in Redis. Durations carry their unit: ms, s, m or h.
#
# The environment goes over this file (DISKDB_PERSISTENCE_SYNC=always), flags over that (--sync always).
# Options marked "at the start only" cannot change while the server runs. docs/configuration.md says more.
`;

/** What a section declares besides its options. */
const EXAMPLE_DECLARATIONS: Readonly<Record<string, string>> = {
  security: `  # Users with their rules, in Redis's notation. Quote what has a #.
  # users:
  #   app: 'on >secret ~app:* &app:* +@all -@dangerous'

  # Other names for commands; '' takes one away.
  # rename_commands:
  #   FLUSHALL: ''
`,
};

/** The whole of diskdb.conf.example. */
export function exampleFile(): string {
  const parts = [EXAMPLE_HEAD, ...inSection(undefined).map((entry) => exampleOption(entry, ''))];
  for (const section of sections) {
    if (section === 'redis') continue;
    const body = inSection(section).map((entry) => exampleOption(entry, '  '));
    const declarations = EXAMPLE_DECLARATIONS[section];
    if (declarations !== undefined) body.push(declarations);
    parts.push(`${rule(section)}\n${section}:\n${body.join('\n')}`);
  }
  const idle = inSection('redis').map(exampleIdle);
  const note = comment(REDIS_NOTE, '').join('\n');
  parts.push(`${rule('redis')}\n${note}\n#\n# redis:\n${idle.join('\n')}\n`);
  return parts.join('\n');
}

function rule(section: string): string {
  return `# --- ${SECTION_TITLES[section] ?? section} ---`;
}

function exampleOption(entry: Entry, indent: string): string {
  const { about, accepts, live } = entry.option;
  const limits = `Takes ${accepts}${live ? '' : '; at the start only'}.`;
  const lines = [...comment(`${about}${notYet(entry)}`, indent), ...comment(limits, indent)];
  return [...lines, `${indent}${keyOf(entry)}: ${yamlDefault(entry)}`, ''].join('\n');
}

function exampleIdle(entry: Entry): string {
  return `#   ${keyOf(entry)}: ${yamlDefault(entry)}    # ${aboutIdle(entry)}`;
}

/** Of an option that stands among those without effect. */
function aboutIdle({ option }: Entry): string {
  const marks = { full: 'In effect. ', later: 'Later. ', none: '' } as const;
  return `${marks[option.effect]}${option.about}`;
}

/** Everything of docs/configuration.md below its hand-written part. */
export function referenceLists(): string {
  const parts = [listSection('general', inSection(undefined))];
  for (const section of sections) {
    if (section !== 'redis') parts.push(listSection(section, inSection(section)));
  }
  parts.push(redisTable());
  return `${parts.join('\n\n')}\n`;
}

function listSection(section: string, members: readonly Entry[]): string {
  return [`## ${SECTION_TITLES[section] ?? section}`, ...members.map(listOption)].join('\n\n');
}

function listOption(entry: Entry): string {
  const { option, path, flag, environment } = entry;
  const redis = option.redis?.names.map(code).join(', ');
  return [
    `### ${code(path)}\n`,
    `${option.about}${notYet(entry)}\n`,
    `- Default ${code(yamlDefault(entry))}; takes ${option.accepts}.`,
    `- Flag ${code(`--${flag}`)}, environment ${code(environment)}${redis ? `, Redis ${redis}` : ''}.`,
    `- ${option.live ? 'May change while the server runs.' : 'Fixed when the server starts.'}`,
  ].join('\n');
}

/** Said of each option, so that a reader cannot miss it. */
function notYet({ option }: Entry): string {
  return option.effect === 'later' ? ' Not in this version yet: it has no effect.' : '';
}

function redisTable(): string {
  const rows = inSection('redis').map((entry) => {
    const { option, path } = entry;
    const names = option.redis?.names.map(code).join(', ') ?? '';
    const initial = option.default === '' ? '' : code(option.default);
    return `| ${names} | ${code(path)} | ${initial} | ${option.live ? 'yes' : 'no'} | ${aboutIdle(entry)} |`;
  });
  const head = '| Redis | In the file | Default | CONFIG SET | |\n|---|---|---|---|---|';
  return `## ${SECTION_TITLES.redis}\n\n${REDIS_NOTE}\n\n${head}\n${rows.join('\n')}`;
}

function inSection(section: string | undefined): Entry[] {
  return entries.filter((entry) => entry.section === section);
}

function keyOf({ path }: Entry): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** The default as a YAML value. */
function yamlDefault({ option }: Entry): string {
  const value = option.parse(option.default);
  const plain = typeof value === 'number' || typeof value === 'boolean';
  return plain ? option.default : stringify(option.default, { lineWidth: 0 }).trimEnd();
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Words in lines of at most WIDTH columns, each after `# `. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(`${indent}# ${word}`);
    }
  }
  return lines;
}
