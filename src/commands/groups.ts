/** Every command there is: the tables of the folders beside this file. */

import { bitmapCommands } from './bitmap/bitmap.js';
import { clusterCommands } from './cluster/cluster.js';
import { connectionCommands } from './connection/connection.js';
import { genericCommands } from './generic/generic.js';
import { geoCommands } from './geo/geo.js';
import { hashCommands } from './hash/hash.js';
import { hyperloglogCommands } from './hyperloglog/hyperloglog.js';
import { jsonCommands } from './json/json.js';
import { listCommands } from './list/list.js';
import { pubsubCommands } from './pubsub/pubsub.js';
import { scriptingCommands } from './scripting/scripting.js';
import { aclCommands } from './security/acl.js';
import { serverCommands } from './server/server.js';
import { setCommands } from './set/set.js';
import { sortedSetCommands } from './sorted-set/sorted-set.js';
import type { Command } from './spec.js';
import { streamCommands } from './stream/stream.js';
import { stringCommands } from './string/string.js';
import { transactionCommands } from './transactions/transactions.js';

export const commandGroups: readonly (readonly Command[])[] = [
  bitmapCommands,
  clusterCommands,
  connectionCommands,
  genericCommands,
  geoCommands,
  hashCommands,
  hyperloglogCommands,
  jsonCommands,
  listCommands,
  pubsubCommands,
  scriptingCommands,
  aclCommands,
  serverCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
  stringCommands,
  transactionCommands,
];
