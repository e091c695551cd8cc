/** Opens a keyspace on a data directory: recovery, then everything that runs beside the commands. */

import type { Files } from '../base/files.js';
import type { Logger } from '../base/log.js';
import type { ReplaySink, Storage } from '../storage/storage.js';
import { FilterFiles } from './filter-files.js';
import { FilterKeeper } from './filter-keeper.js';
import type { Keyspace } from './keyspace.js';
import { Replay } from './replay.js';

export interface OpenKeyspaceOptions {
  readonly keyspace: Keyspace;
  readonly files: Files;
  readonly directory: string;
  readonly logger: Logger;
  /** Opens the storage and lets it replay its log into the sink. */
  readonly openStorage: (sink: ReplaySink) => Promise<Storage>;
}

/** Resolves when the keyspace can serve. The filters that must be made anew are made in the background. */
export async function openKeyspace(options: OpenKeyspaceOptions): Promise<FilterKeeper> {
  const { keyspace, files, directory, logger } = options;
  const filterFiles = new FilterFiles(files, directory, logger);
  const replay = new Replay(keyspace, filterFiles);
  keyspace.attach(await options.openStorage(replay));
  replay.finish();
  await keyspace.ownRecords.load(keyspace.storage);
  return new FilterKeeper(keyspace, filterFiles, logger);
}
