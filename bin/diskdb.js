#!/usr/bin/env node
'use strict';

// CommonJS, because libuv reads UV_THREADPOOL_SIZE when its pool is first used, and loading an ES module as
// the entry uses it before the module's first line runs (measured, Node 20). bin/package.json makes it so.
//
// LevelDB's reads, writes and clearing may each hold a thread for long; the log's fdatasync must find one
// that is free (docs/architecture.md).
process.env.UV_THREADPOOL_SIZE ??= '8';

// V8 lets a heap grow to several times what lives in it before it collects. `cache_size` promises a bound on
// memory: 40 % above what was alive is enough (measured: 315 MB instead of 386 MB while a 64 MB cache is
// loaded, at the same speed).
require('node:v8').setFlagsFromString('--heap-growing-percent=40');

// Process 1 of a container does not get a signal that it has no handler for: until the server has its own, these end it.
if (process.pid === 1) {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }
}

import('../dist/main.js').catch((error) => {
  const missing = error.code === 'ERR_MODULE_NOT_FOUND' && /dist.main\.js/.test(error.message);
  console.error(missing ? 'diskdb: dist/ is missing: run `npm run build` first' : error);
  process.exit(1);
});
