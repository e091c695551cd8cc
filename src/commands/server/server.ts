/** The server group, all of it. */

import type { Command } from '../spec.js';
import { commandCommands } from './command.js';
import { configCommands } from './config.js';
import { databaseCommands } from './database.js';
import { debugCommands } from './debug.js';
import { infoCommands } from './info.js';
import { latencyCommands } from './latency.js';
import { lolwutCommands } from './lolwut.js';
import { memoryCommands } from './memory.js';
import { moduleCommands } from './module.js';
import { monitorCommands } from './monitor.js';
import { persistenceCommands } from './persistence.js';
import { replicationCommands } from './replication.js';
import { slowlogCommands } from './slowlog.js';
import { timeCommands } from './time.js';

export const serverCommands: readonly Command[] = [
  ...commandCommands,
  ...configCommands,
  ...databaseCommands,
  ...debugCommands,
  ...infoCommands,
  ...latencyCommands,
  ...lolwutCommands,
  ...memoryCommands,
  ...moduleCommands,
  ...monitorCommands,
  ...persistenceCommands,
  ...replicationCommands,
  ...slowlogCommands,
  ...timeCommands,
];
