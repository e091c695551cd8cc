/** INFO: everything about the server in sections of text that clients and exporters read. */

import type { Reply } from '../../protocol/reply.js';
import type { StorageStatistics } from '../../storage/storage.js';
import type { CommandContext, ServerContext } from '../context.js';
import type { Command } from '../spec.js';
import { commandFields, errorFields, latencyFields } from './info-commands.js';
import {
  diskdbFields,
  keyspaceFields,
  persistenceFields,
  replicationFields,
  statisticsFields,
} from './info-data.js';
import { memoryFields } from './info-memory.js';
import { clientFields, cpuFields, type InfoFields, serverFields } from './info-server.js';
import { moduleFields } from './module.js';

interface Section {
  /** As clients ask for it. */
  readonly name: string;
  readonly title: string;
  /** What brings it: a bare INFO, or only `all` (and `everything`). */
  readonly within: 'default' | 'all';
  readonly fields: (context: CommandContext) => InfoFields;
}

/** A section that needs no more than the server. */
function plain(
  name: string,
  title: string,
  within: Section['within'],
  fields: (server: ServerContext) => InfoFields,
): Section {
  return { name, title, within, fields: ({ server }) => fields(server) };
}

const sections: readonly Section[] = [
  plain('server', 'Server', 'default', serverFields),
  plain('clients', 'Clients', 'default', clientFields),
  plain('memory', 'Memory', 'default', memoryFields),
  plain('persistence', 'Persistence', 'default', persistenceFields),
  plain('stats', 'Stats', 'default', statisticsFields),
  plain('replication', 'Replication', 'default', replicationFields),
  plain('cpu', 'CPU', 'default', cpuFields),
  plain('modules', 'Modules', 'default', moduleFields),
  plain('commandstats', 'Commandstats', 'all', commandFields),
  plain('errorstats', 'Errorstats', 'default', errorFields),
  plain('latencystats', 'Latencystats', 'all', latencyFields),
  plain('cluster', 'Cluster', 'default', () => [['cluster_enabled', 0]]),
  plain('keyspace', 'Keyspace', 'default', keyspaceFields),
  {
    name: 'diskdb',
    title: 'Diskdb',
    within: 'default',
    fields: (context) => diskdbFields(context.server, storageStatistics(context)),
  },
];

function storageStatistics(context: CommandContext): StorageStatistics {
  const { keyspace } = context.server;
  return context.await('storage-statistics', () => keyspace.storage.statistics());
}

/** Which sections the words ask for, in any case; words that name none are passed over. */
function chosenSections(words: readonly string[]): readonly Section[] {
  const names = new Set(words.length === 0 ? ['default'] : words.map((word) => word.toLowerCase()));
  if (names.has('everything') || names.has('all')) return sections;
  return sections.filter(
    ({ name, within }) => names.has(name) || (within === 'default' && names.has('default')),
  );
}

function sectionText(context: CommandContext, { title, fields }: Section): string {
  const lines = fields(context).map(([name, value]) => `${name}:${value}\r\n`);
  return `# ${title}\r\n${lines.join('')}`;
}

function runInfo(context: CommandContext, argv: readonly string[]): Reply {
  const chosen = chosenSections(argv.slice(1));
  const text = chosen.map((section) => sectionText(context, section)).join('\r\n');
  return context.reply.verbatim('txt', text);
}

export const infoCommands: readonly Command[] = [
  {
    name: 'info',
    summary: 'Returns what there is to know of the server, in sections.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    arity: -1,
    flags: ['loading', 'stale'],
    categories: ['dangerous'],
    tips: ['nondeterministic_output', 'request_policy:all_shards', 'response_policy:special'],
    history: [['7.0.0', 'Added support for taking multiple section arguments.']],
    arguments: [{ name: 'section', type: 'string', flags: ['optional', 'multiple'] }],
    run: runInfo,
  },
];
