/** Sections `log`, `slowlog`, `commandlog`, `latency` and `notifications` of the table: what the server tells of itself. */

import { choice, custom, duration, integer, text } from './option.js';
import { keyspaceEvents } from './redis-codec.js';

const COUNT_MAX = Number.MAX_SAFE_INTEGER;

export const log = {
  level: choice(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    {
      default: 'info',
      about: "The least important messages that are logged. Redis's notice is info.",
      redis: 'loglevel',
    },
    [
      ['trace', 'debug'],
      ['debug', 'verbose'],
      ['info', 'notice'],
      ['warn', 'warning'],
      ['silent', 'nothing'],
      ['error', 'warning'],
      ['fatal', 'warning'],
    ],
  ),
  format: choice(['auto', 'pretty', 'json'], {
    default: 'auto',
    about: 'Lines for people (pretty) or for machines (json). auto is pretty on a terminal only.',
    live: false,
  }),
  file: text({
    default: '',
    about: 'The file that messages are appended to. Empty: standard output.',
    live: false,
    redis: 'logfile',
  }),
};

export const slowlog = {
  thresholdUs: integer({
    default: '10000',
    min: -1,
    max: COUNT_MAX,
    about: 'SLOWLOG keeps commands that ran for this many microseconds. -1 keeps none, 0 all.',
    redis: ['slowlog-log-slower-than', 'commandlog-execution-slower-than'],
  }),
  maxLength: integer({
    default: '128',
    min: 0,
    max: COUNT_MAX,
    about: 'How many commands SLOWLOG keeps.',
    redis: ['slowlog-max-len', 'commandlog-slow-execution-max-len'],
  }),
};

/** Bytes: as Valkey's COMMANDLOG has them, under its names. */
export const commandlog = {
  requestBytes: integer({
    default: '1048576',
    min: -1,
    max: COUNT_MAX,
    about: 'COMMANDLOG keeps requests whose arguments have this many bytes. -1 keeps none, 0 all.',
    redis: 'commandlog-request-larger-than',
  }),
  requestMaxLength: integer({
    default: '128',
    min: 0,
    max: COUNT_MAX,
    about: 'How many large requests COMMANDLOG keeps.',
    redis: 'commandlog-large-request-max-len',
  }),
  replyBytes: integer({
    default: '1048576',
    min: -1,
    max: COUNT_MAX,
    about: 'COMMANDLOG keeps requests whose reply has this many bytes. -1 keeps none, 0 all.',
    redis: 'commandlog-reply-larger-than',
  }),
  replyMaxLength: integer({
    default: '128',
    min: 0,
    max: COUNT_MAX,
    about: 'How many requests with large replies COMMANDLOG keeps.',
    redis: 'commandlog-large-reply-max-len',
  }),
};

export const latency = {
  threshold: duration({
    default: '0',
    min: 0,
    max: COUNT_MAX,
    about: 'LATENCY keeps events that took at least this long. 0 keeps none.',
    redis: 'latency-monitor-threshold',
  }),
};

export const notifications = {
  keyspaceEvents: custom(
    {
      default: '',
      about: 'Which changes are published, in the letters of Redis: KEA is all. Empty: none.',
      redis: 'notify-keyspace-events',
    },
    keyspaceEvents,
  ),
};
