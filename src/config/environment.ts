/** Reads `DISKDB_SECTION_KEY` variables. */

import { entryByEnvironment } from './catalog.js';
import type { Setting } from './setting.js';
import { didYouMean, type SourceResult } from './source.js';

const PREFIX = 'DISKDB_';

/** What Kubernetes tells every container about a service that is called diskdb. */
const SERVICE_LINK = /^DISKDB_(.+_)?(SERVICE_(HOST|PORT)(_.+)?|PORT(_\d+_(TCP|UDP)(_.+)?)?)$/;
const SERVICE_ADDRESS = /^(tcp|udp):\/\//;

/** An empty variable counts as not set; one that names no option is reported, for it may be somebody else's. */
export function readEnvironment(variables: NodeJS.ProcessEnv): SourceResult {
  const settings: Setting[] = [];
  const unused: string[] = [];
  for (const [name, text = ''] of Object.entries(variables)) {
    if (!name.startsWith(PREFIX) || text === '' || isServiceLink(name, text)) continue;
    const entry = entryByEnvironment.get(name);
    if (entry !== undefined) settings.push({ entry, text, dialects: ['own'], where: name });
    else unused.push(`${name}${didYouMean(name, entryByEnvironment.keys(), PREFIX)}`);
  }
  return { settings, problems: [], unused };
}

function isServiceLink(name: string, text: string): boolean {
  if (!SERVICE_LINK.test(name)) return false;
  return !entryByEnvironment.has(name) || SERVICE_ADDRESS.test(text);
}
