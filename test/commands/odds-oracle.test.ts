/** What no random script has: the same requests to redis-server, one by one, and the same replies. */

import { describe, test } from 'vitest';
import { clusterCommands } from '../../src/commands/cluster/cluster.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { scanCommands } from '../../src/commands/generic/scan.js';
import { hashCommands } from '../../src/commands/hash/hash.js';
import { hyperloglogCommands } from '../../src/commands/hyperloglog/hyperloglog.js';
import { setCommands } from '../../src/commands/set/set.js';
import { sortedSetCommands } from '../../src/commands/sorted-set/sorted-set.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

/** Around what Redis keeps in 64 bits, and the half of it; below -1,000,000 only where nothing is to be drawn. */
const COUNTS = [
  ...['9223372036854775807', '9223372036854775808', '4611686018427387904', '-9223372036854775808'],
  ...['-9223372036854775809', '0', '-0', '1.0', ''],
];
const FAR_BELOW = ['-9223372036854775807', '-4611686018427387904', '-4611686018427387903'];

function drawn(command: string, ...words: readonly string[]): readonly (readonly string[])[] {
  const ofAbsent = [...COUNTS, ...FAR_BELOW].map((count) => [command, 'none', count, ...words]);
  return [...ofAbsent, ...COUNTS.map((count) => [command, command, count, ...words])];
}

const CLUSTER = [
  ...[
    'info',
    'INFO x',
    'nodes',
    'slots',
    'shards',
    'myid',
    'links',
    'help',
    'bumpepoch',
    'flushslots',
  ],
  ...[
    'keyslot key',
    'countkeysinslot 1',
    'getkeysinslot 1 2',
    'addslots 1 2',
    'delslots 1',
    'reset',
  ],
  ...['addslotsrange 1 2', 'delslotsrange 1 2', 'failover FORCE', 'forget id', 'meet 127.0.0.1 1'],
  ...['replicate id', 'replicas id', 'slaves id', 'saveconfig', 'set-config-epoch 1', 'reset HARD'],
  ...['setslot 1 STABLE', 'count-failure-reports id', 'failover', 'setslot 1', 'meet 127.0.0.1'],
];

const GROUPS = [
  clusterCommands,
  expireCommands,
  hashCommands,
  hyperloglogCommands,
  keyCommands,
  objectCommands,
  scanCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
  stringCommands,
];

describe.skipIf(RedisOracle.missing !== undefined)('as redis-server', () => {
  const scripts = new OracleScripts(GROUPS);

  test.each([
    ['RANDOMKEY of no key, and of one', [['RANDOMKEY'], ['SET', 'a', '1'], ['RANDOMKEY']]],
    [
      'OBJECT IDLETIME of what was just made, or is not there',
      [
        ['SET', 'a', '1'],
        ['OBJECT', 'IDLETIME', 'a'],
        ['OBJECT', 'IDLETIME', 'b'],
        ['OBJECT', 'IDLETIME'],
      ],
    ],
    ['PFSELFTEST', [['PFSELFTEST'], ['PFSELFTEST', 'x']]],
    [
      'what goes to nodes',
      [
        ...[['ASKING'], ['READONLY'], ['READWRITE'], ['READONLY', 'x']],
        ...[['CLUSTER'], ['CLUSTER', 'nosuch'], ['CLUSTER', 'KEYSLOT'], ['CLUSTER', 'ADDSLOTS']],
        ...CLUSTER.map((words) => ['CLUSTER', ...words.split(' ')]),
      ],
    ],
    [
      'counts of what is drawn by chance, at their ends',
      [
        ['SADD', 'SRANDMEMBER', 'm'],
        ['HSET', 'HRANDFIELD', 'f', 'v'],
        ['ZADD', 'ZRANDMEMBER', '1', 'm'],
        ...drawn('SRANDMEMBER'),
        ...drawn('HRANDFIELD'),
        ...drawn('HRANDFIELD', 'WITHVALUES'),
        ...drawn('HRANDFIELD', 'x'),
        ...drawn('ZRANDMEMBER'),
        ...drawn('ZRANDMEMBER', 'WITHSCORES'),
        ...drawn('SPOP'),
      ],
    ],
    [
      'ENTRIESREAD of groups',
      [
        ...['1-0', '2-0', '3-0'].map((id) => ['XADD', 's', id, 'f', 'v']),
        ['XGROUP', 'CREATE', 's', 'g', '2-0', 'ENTRIESREAD', '2'],
        ['XINFO', 'GROUPS', 's'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>'],
        ['XINFO', 'GROUPS', 's'],
        ['XGROUP', 'SETID', 's', 'g', '1-0', 'ENTRIESREAD', '1'],
        ['XINFO', 'GROUPS', 's'],
        ['XGROUP', 'SETID', 's', 'g', '$', 'ENTRIESREAD', '-1'],
        ['XINFO', 'GROUPS', 's'],
        ['XGROUP', 'SETID', 's', 'g', '1-0', 'ENTRIESREAD', '-2'],
        ['XGROUP', 'SETID', 's', 'g', '1-0', 'ENTRIESREAD', 'x'],
        ['XGROUP', 'CREATE', 's', 'h', '1-0', 'MKSTREAM', 'ENTRIESREAD', '7'],
        ['XINFO', 'GROUPS', 's'],
      ],
    ],
  ])('%s', (_, script) => scripts.compare(script));
});
