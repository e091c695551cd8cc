/** Sends the same requests to DiskDB's commands and to redis-server, and compares the replies byte for byte. */

import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Command } from '../../src/commands/spec.js';
import { CommandHarness } from './command-harness.js';
import { RedisOracle } from './redis-oracle.js';

export type Request = readonly string[];

export interface OracleOptions {
  /** What of a reply is compared, where something may differ, such as times or the order of a set's members. */
  readonly comparable?: (reply: string, request: Request) => string;
  /** Every script begins with these. */
  readonly setup?: readonly Request[];
  /** Versions of the protocol, of which a script by chance has any and others have the first. */
  readonly protocols?: readonly string[];
  /** Before which requests all data is made cold where a script says so; all of them when absent. */
  readonly evictsBefore?: (request: Request) => boolean;
}

/** Random scripts: how many, and the most requests in one. */
export interface RandomScripts {
  readonly runs: number;
  readonly length?: number;
}

export interface ScriptOptions {
  /** All data is cold before each request. */
  readonly evicts?: boolean;
  readonly protocol?: string | undefined;
}

const EXCERPT = 300;

export class OracleScripts {
  readonly #groups: readonly (readonly Command[])[];
  readonly #options: OracleOptions;
  #oracle: RedisOracle | undefined;

  /** To be made inside a `describe`: the server lives as long as its tests. */
  constructor(groups: readonly (readonly Command[])[], options: OracleOptions = {}) {
    this.#groups = groups;
    this.#options = options;
    beforeAll(async () => {
      this.#oracle = await RedisOracle.start();
    });
    afterAll(async () => {
      await this.#oracle?.stop();
    });
  }

  /** Random scripts of such requests. */
  async compareRandom(request: fc.Arbitrary<Request>, scripts: RandomScripts): Promise<void> {
    const script = fc.array(request, { minLength: 1, maxLength: scripts.length ?? 30 });
    await this.compareScripts(script, scripts.runs);
  }

  /** Random scripts, half of them with all data cold before each request. */
  async compareScripts(script: fc.Arbitrary<readonly Request[]>, runs: number): Promise<void> {
    const { protocols } = this.#options;
    const protocol =
      protocols === undefined ? fc.constant(undefined) : fc.constantFrom(...protocols);
    const property = fc.asyncProperty(script, fc.boolean(), protocol, (requests, evicts, version) =>
      this.compare(requests, { evicts, protocol: version }),
    );
    await fc.assert(property, { numRuns: runs });
  }

  /** One script, on empty data. */
  async compare(script: readonly Request[], options: ScriptOptions = {}): Promise<void> {
    const { setup = [], protocols, evictsBefore = () => true } = this.#options;
    const { evicts = false, protocol = protocols?.[0] } = options;
    const oracle = this.#oracle as RedisOracle;
    const harness = await CommandHarness.open(this.#groups);
    harness.clock.milliseconds = Date.now();
    await oracle.run('FLUSHALL');
    try {
      if (protocol !== undefined) {
        await Promise.all([harness.run('HELLO', protocol), oracle.run('HELLO', protocol)]);
      }
      for (const request of [...setup, ...script]) {
        if (evicts && evictsBefore(request)) await harness.evict();
        const replies = await Promise.all([harness.run(...request), oracle.run(...request)]);
        this.#check(request, ...replies);
      }
    } finally {
      await harness.close();
    }
  }

  #check(request: Request, ourReply: string, theirReply: string): void {
    const { comparable = (reply: string) => reply } = this.#options;
    const ours = comparable(ourReply, request);
    const theirs = comparable(theirReply, request);
    if (ours === theirs) return;
    const from = Math.max(0, firstDifference(ours, theirs) - EXCERPT / 2);
    const what = request.map((word) => word.slice(0, EXCERPT)).join(' ');
    const shown = (text: string): string => `${what}: ${text.slice(from, from + EXCERPT)}`;
    expect(shown(ours)).toBe(shown(theirs));
  }
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}
