/** Sections `network`, `limits` and `security` of the table: what clients meet. */

import { boolean, choice, custom, duration, integer, size, text } from './option.js';
import { outputLimits, redisOutputLimits } from './output-limits.js';
import { memoryOrPercent } from './redis-codec.js';

const MB = 1024 * 1024;
const SECOND = 1000;
const INT_MAX = 2_147_483_647;
const SIZE_MAX = Number.MAX_SAFE_INTEGER;

export const network = {
  idleTimeout: duration({
    default: '0',
    min: 0,
    max: INT_MAX * SECOND,
    redisUnit: SECOND,
    about: 'A client that sends nothing for this long is disconnected. 0 never disconnects.',
    redis: 'timeout',
  }),
  tcpKeepalive: duration({
    default: '300s',
    min: 0,
    max: INT_MAX * SECOND,
    redisUnit: SECOND,
    about: 'How often an idle connection is probed, to find peers that are gone. 0 never probes.',
    redis: 'tcp-keepalive',
  }),
  tcpBacklog: integer({
    default: '511',
    min: 1,
    max: INT_MAX,
    about: 'How many connections may wait to be accepted. The kernel may allow fewer.',
    live: false,
    redis: 'tcp-backlog',
  }),
  protectedMode: boolean({
    default: 'true',
    about:
      'Refuse clients from other machines while there is no password, so that a server started ' +
      'in haste is not open to the world.',
    redis: 'protected-mode',
  }),
};

export const limits = {
  maxClients: integer({
    default: '10000',
    min: 1,
    max: 4_294_967_295,
    about: 'How many clients may be connected at once.',
    redis: 'maxclients',
  }),
  maxBulkLength: size({
    default: '512MB',
    min: MB,
    max: SIZE_MAX,
    about: 'The longest argument of a command, and so the largest value.',
    redis: 'proto-max-bulk-len',
  }),
  queryBuffer: size({
    default: '1GB',
    min: MB,
    max: SIZE_MAX,
    about: 'How much of an unfinished request is kept before its client is disconnected.',
    redis: 'client-query-buffer-limit',
  }),
  clientMemory: custom(
    {
      default: '0',
      about:
        'How much the buffers of all clients may take together before the largest are disconnected, or a ' +
        'percentage of `eviction.max_memory`. 0 is no limit.',
      redis: 'maxmemory-clients',
    },
    memoryOrPercent,
  ),
  trackedKeys: integer({
    default: '1000000',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    about:
      'Keys remembered for client-side caching. Of more the oldest are forgotten, and who has read ' +
      'them is told that they have changed. 0 is any number.',
    redis: 'tracking-table-max-keys',
  }),
  outputBuffer: custom(
    {
      default: 'normal 0 0 0 replica 256MB 64MB 60 pubsub 32MB 8MB 60',
      about:
        'How much may wait for a client that does not read, for each class of client: a hard ' +
        'limit, and a soft limit that may be passed for some seconds. 0 is no limit.',
      redis: 'client-output-buffer-limit',
      joins: true,
    },
    outputLimits,
    redisOutputLimits,
  ),
};

export const security = {
  password: text({
    default: '',
    about: 'The password of the default user. Empty: none is asked for.',
    redis: 'requirepass',
  }),
  aclFile: text({
    default: '',
    about:
      'The file with the users and their rights, which ACL LOAD reads and ACL SAVE writes; a relative path ' +
      'begins at `dir`. Empty: users are declared below `security.users`.',
    live: false,
    redis: 'aclfile',
  }),
  aclLogLength: integer({
    default: '128',
    min: 0,
    max: SIZE_MAX,
    about: 'How many denied commands and failed logins ACL LOG remembers.',
    redis: 'acllog-max-len',
  }),
  aclPubsubDefault: choice(['resetchannels', 'allchannels'], {
    default: 'resetchannels',
    about: 'Whether a new user may use no channel of pub/sub, or all.',
    redis: 'acl-pubsub-default',
  }),
  debugCommand: choice(['no', 'local', 'yes'], {
    default: 'no',
    about: 'Who may use DEBUG: nobody, clients of this machine (local), or everybody.',
    live: false,
    redis: 'enable-debug-command',
  }),
};
