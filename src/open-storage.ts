/** What the configuration says of storage, as storage takes it. */

import { resolve } from 'node:path';
import type { Files } from './base/files.js';
import type { Config } from './config/config.js';
import type { Keyspace } from './keyspace/keyspace.js';
import { stateOf } from './keyspace/state.js';
import type { ServerLogger } from './observability/logger.js';
import { DiskStorage } from './storage/disk-storage.js';
import { BLOCKING_SYNC_MS_MAX } from './storage/log/blocking-syncs.js';
import type { ReplaySink, Storage } from './storage/storage.js';
import { MemoryStore } from './storage/store/memory-store.js';

export interface StorageParts {
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly logger: ServerLogger;
  readonly files: Files;
  readonly runId: string;
}

/** Opens storage and replays the log into the sink. @throws DiskDbError */
export function openStorage(parts: StorageParts, sink: ReplaySink): Promise<Storage> {
  const { config, keyspace, logger, files, runId } = parts;
  const { dir, cacheSize, storageEngine, persistence } = config.values;
  const { walEnabled, compression, maxLogSize } = persistence;
  return DiskStorage.open({
    directory: resolve(dir),
    sink,
    state: () => stateOf(keyspace),
    walEnabled,
    writeAhead: () => syncsAlways(config),
    blockingSyncMsMax: BLOCKING_SYNC_MS_MAX,
    compression,
    maxLogSize,
    cacheBytes: cacheSize,
    runId,
    ...(storageEngine === 'memory' ? { files, store: new MemoryStore() } : {}),
    onProgress: (progress) => logger.info({ ...progress }, 'recovering from the log'),
    onWarning: (message) => logger.warn(message),
  });
}

/** Every group must be on stable storage before its replies leave. */
export function syncsAlways({ values }: Config): boolean {
  const { walEnabled, sync } = values.persistence;
  return walEnabled && sync === 'always';
}
