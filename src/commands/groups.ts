/** Every command there is: the tables of the files beside this one. */

import { bitmapCommands } from './bitmap/bitmap.js';
import { connectionCommands } from './connection/connection.js';
import { transactionCommands } from './connection/transaction.js';
import { geoCommands } from './geo/geo.js';
import { hashCommands } from './hash/hash.js';
import { hyperloglogCommands } from './hyperloglog/hyperloglog.js';
import { jsonCommands } from './json/json.js';
import { dumpCommands } from './key/dump.js';
import { expireCommands } from './key/expire.js';
import { keyCommands } from './key/key.js';
import { objectCommands } from './key/object.js';
import { scanCommands } from './key/scan.js';
import { sortCommands } from './key/sort.js';
import { waitCommands } from './key/wait.js';
import { listCommands } from './list/list.js';
import { commandCommands } from './server/command.js';
import { configCommands } from './server/config.js';
import { debugCommands } from './server/debug.js';
import { functionCommands } from './server/function.js';
import { infoCommands } from './server/info.js';
import { latencyCommands } from './server/latency.js';
import { lolwutCommands } from './server/lolwut.js';
import { memoryCommands } from './server/memory.js';
import { persistenceCommands } from './server/persistence.js';
import { serverCommands } from './server/server.js';
import { slowlogCommands } from './server/slowlog.js';
import { setCommands } from './set/set.js';
import { sortedSetCommands } from './sorted-set/sorted-set.js';
import type { Command } from './spec.js';
import { streamCommands } from './stream/stream.js';
import { stringCommands } from './string/string.js';

export const commandGroups: readonly (readonly Command[])[] = [
  bitmapCommands,
  commandCommands,
  configCommands,
  connectionCommands,
  debugCommands,
  dumpCommands,
  expireCommands,
  functionCommands,
  geoCommands,
  hashCommands,
  hyperloglogCommands,
  infoCommands,
  jsonCommands,
  keyCommands,
  latencyCommands,
  listCommands,
  lolwutCommands,
  memoryCommands,
  objectCommands,
  persistenceCommands,
  scanCommands,
  serverCommands,
  setCommands,
  slowlogCommands,
  sortCommands,
  sortedSetCommands,
  streamCommands,
  stringCommands,
  transactionCommands,
  waitCommands,
];
