/** Sends the same requests to DiskDB's commands and to redis-server, and compares the replies byte for byte. */

import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Command } from '../../src/commands/spec.js';
import { CommandHarness } from './command-harness.js';
import { RedisOracle } from './redis-oracle.js';

export class OracleScripts {
  readonly #groups: readonly (readonly Command[])[];
  readonly #comparable: (reply: string, args: readonly string[]) => string;
  #oracle: RedisOracle | undefined;

  /**
   * To be made inside a `describe`: the server lives as long as its tests.
   * @param comparable makes replies the same that may differ, such as times; told the request's arguments
   */
  constructor(
    groups: readonly (readonly Command[])[],
    comparable: (reply: string, args: readonly string[]) => string = (reply) => reply,
  ) {
    this.#groups = groups;
    this.#comparable = comparable;
    beforeAll(async () => {
      this.#oracle = await RedisOracle.start();
    });
    afterAll(async () => {
      await this.#oracle?.stop();
    });
  }

  /** Random scripts of such requests, some with all data cold before each request. */
  async compareRandom(request: fc.Arbitrary<readonly string[]>, runs: number): Promise<void> {
    const scripts = fc.array(request, { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(scripts, fc.boolean(), (script, evicts) => this.compare(script, evicts)),
      { numRuns: runs },
    );
  }

  /** One script, on empty data. `evicts`: all data is cold before each request. */
  async compare(script: readonly (readonly string[])[], evicts = false): Promise<void> {
    const oracle = this.#oracle as RedisOracle;
    const harness = await CommandHarness.open(this.#groups);
    harness.clock.milliseconds = Date.now();
    await oracle.run('FLUSHALL');
    try {
      for (const args of script) {
        if (evicts) await harness.evict();
        const replies = await Promise.all([harness.run(...args), oracle.run(...args)]);
        const [ours, theirs] = replies.map((reply) => this.#comparable(reply, args)) as [
          string,
          string,
        ];
        if (ours !== theirs) expect(`${args.map(short)}: ${short(ours)}`).toBe(short(theirs));
      }
    } finally {
      await harness.close();
    }
  }
}

function short(reply: string): string {
  return reply.length > 200 ? `${reply.slice(0, 200)}… (${reply.length})` : reply;
}
