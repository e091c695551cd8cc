/** What no random script has: the same requests to redis-server, one by one, and the same replies. */

import { describe, test } from 'vitest';
import { clusterCommands } from '../../src/commands/cluster/cluster.js';
import { expireCommands } from '../../src/commands/generic/expire.js';
import { keyCommands } from '../../src/commands/generic/key.js';
import { objectCommands } from '../../src/commands/generic/object.js';
import { scanCommands } from '../../src/commands/generic/scan.js';
import { hyperloglogCommands } from '../../src/commands/hyperloglog/hyperloglog.js';
import { streamCommands } from '../../src/commands/stream/stream.js';
import { stringCommands } from '../../src/commands/string/string.js';
import { OracleScripts } from '../support/oracle-scripts.js';
import { RedisOracle } from '../support/redis-oracle.js';

const GROUPS = [
  clusterCommands,
  expireCommands,
  hyperloglogCommands,
  keyCommands,
  objectCommands,
  scanCommands,
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
    ['what goes to nodes', [['ASKING'], ['READONLY'], ['READWRITE'], ['READONLY', 'x']]],
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
