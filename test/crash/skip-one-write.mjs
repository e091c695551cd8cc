/**
 * The planted bug: `node --import ./test/crash/skip-one-write.mjs dist/main.js …` runs a server that drops one of its writes
 * to the write-ahead log and tells nobody. The crash loop must notice. HARNESS_SKIP_WRITE says which write.
 */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const wanted = Number(process.env.HARNESS_SKIP_WRITE);
const logs = new Set();
let writes = 0;

if (isMainThread) {
  const { openSync, closeSync, writeSync } = fs;

  fs.openSync = (path, ...rest) => {
    const descriptor = openSync(path, ...rest);
    if (String(path).endsWith('.wal')) logs.add(descriptor);
    return descriptor;
  };

  fs.closeSync = (descriptor) => {
    logs.delete(descriptor);
    closeSync(descriptor);
  };

  fs.writeSync = (descriptor, bytes, ...rest) => {
    if (logs.has(descriptor) && ++writes === wanted) {
      process.stderr.write(`planted bug: dropped ${bytes.length} bytes of the log\n`);
      return typeof rest[1] === 'number' ? rest[1] : bytes.length;
    }
    return writeSync(descriptor, bytes, ...rest);
  };

  syncBuiltinESMExports();
}
