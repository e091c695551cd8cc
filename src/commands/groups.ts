/** Every command there is: the tables of the files beside this one. */

import { bitmapCommands } from './bitmap.js';
import { commandCommands } from './command.js';
import { configCommands } from './config.js';
import { connectionCommands } from './connection.js';
import { debugCommands } from './debug.js';
import { dumpCommands } from './dump.js';
import { expireCommands } from './expire.js';
import { functionCommands } from './function.js';
import { geoCommands } from './geo.js';
import { hashCommands } from './hash.js';
import { hyperloglogCommands } from './hyperloglog.js';
import { infoCommands } from './info.js';
import { jsonCommands } from './json.js';
import { keyCommands } from './key.js';
import { latencyCommands } from './latency.js';
import { listCommands } from './list.js';
import { lolwutCommands } from './lolwut.js';
import { memoryCommands } from './memory.js';
import { objectCommands } from './object.js';
import { persistenceCommands } from './persistence.js';
import { scanCommands } from './scan.js';
import { serverCommands } from './server.js';
import { setCommands } from './set.js';
import { slowlogCommands } from './slowlog.js';
import { sortCommands } from './sort.js';
import { sortedSetCommands } from './sorted-set.js';
import type { Command } from './spec.js';
import { streamCommands } from './stream.js';
import { stringCommands } from './string.js';
import { transactionCommands } from './transaction.js';
import { waitCommands } from './wait.js';

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
