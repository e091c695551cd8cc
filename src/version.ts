/** The version of DiskDB, as in package.json (test/version.test.ts compares them). */

export const VERSION = '0.1.0';

/** The version of Redis whose commands, replies and error texts DiskDB has: clients ask for it. */
export const REDIS_VERSION = '7.4.0';
