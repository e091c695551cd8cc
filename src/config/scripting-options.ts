/** Section `scripting` of the table: what scripts and functions may take. */

import { duration, size } from './option.js';

const MB = 1024 * 1024;

export const scripting = {
  busyReplyThreshold: duration({
    default: '5s',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    about:
      'After this long a script lets other clients in, which learn that the server is busy and may end the script. ' +
      '0 never does.',
    redis: ['busy-reply-threshold', 'lua-time-limit'],
  }),
  maxScriptMemory: size({
    default: '256MB',
    min: 32 * MB,
    max: 2048 * MB,
    live: false,
    about:
      'What Lua may take, for scripts and for functions each. A script that needs more gets an error, and what it took ' +
      'comes back.',
  }),
};
