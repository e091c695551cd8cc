/** After a restart: does the server hold what it must, and nothing else? */

import { setTimeout as sleep } from 'node:timers/promises';
import { decodeReply } from '../support/decode-reply.js';
import { RespConnection } from '../support/resp-connection.js';
import { isLibrary } from './functions.js';
import { describe, type LoadClient } from './load-client.js';
import { type Entry, type KeyState, pictureOf } from './model-value.js';
import { readEntry } from './read-entry.js';
import { possibleStates } from './transactions.js';

const SHOWN_DIFFERENCES = 5;
const SETTLE_TRIES = 200;
const SETTLE_MS = 100;

/** What the server holds for a client's keys, and between which times that was read. */
export interface Reading {
  readonly state: KeyState;
  readonly from: number;
  readonly to: number;
}

/** Compares everything; settles the clients on what was found. Gives one text per violation. */
export async function verify(port: number, clients: readonly LoadClient[]): Promise<string[]> {
  const connection = await RespConnection.open(port);
  try {
    const violations: string[] = [];
    for (const [index, client] of clients.entries()) {
      const reading = await readState(connection, client.keys);
      violations.push(...judgeClient(index, client, reading));
    }
    if (violations.length === 0) violations.push(...(await checkKeyspace(connection, clients)));
    return violations;
  } finally {
    connection.close();
  }
}

async function readState(connection: RespConnection, keys: readonly string[]): Promise<Reading> {
  const from = Date.now();
  const entries = await Promise.all(keys.map((key) => readEntry(connection, key)));
  const state: KeyState = new Map();
  for (const [index, entry] of entries.entries()) {
    if (entry !== undefined) state.set(keys[index] as string, entry);
  }
  return { state, from, to: Date.now() };
}

/** One of the possible states must be there, whole: that is what all-or-nothing and in-order mean. */
function judgeClient(index: number, client: LoadClient, reading: Reading): string[] {
  const possible = possibleStates(client.acknowledged, client.inFlight);
  const differences = possible.map((state) => differencesOf(client.keys, state, reading));
  const found = differences.findIndex((list) => list.length === 0);
  const inFlight = client.inFlight.map(describe);
  client.settle(found < 0 ? reading.state : withoutExpired(possible[found] as KeyState, reading));
  if (found >= 0) return [];
  const nearest = differences.reduce((best, list) => (list.length < best.length ? list : best));
  const shown = nearest.slice(0, SHOWN_DIFFERENCES).map((line) => `    ${line}`);
  const flight = inFlight.map((line) => `    in flight: ${line}`);
  return [`client ${index}: ${nearest.length} keys differ\n${[...shown, ...flight].join('\n')}`];
}

/** How the reading differs from a state, key by key. */
export function differencesOf(
  keys: readonly string[],
  expected: KeyState,
  reading: Reading,
): string[] {
  return keys.flatMap((key) => {
    const difference = differenceOf(expected.get(key), reading.state.get(key), reading);
    return difference === undefined ? [] : [`${key}: ${difference}`];
  });
}

function differenceOf(
  expected: Entry | undefined,
  actual: Entry | undefined,
  reading: Reading,
): string | undefined {
  const mustBeGone = expected !== undefined && isExpired(expected, reading.from);
  const mayBeGone = expected !== undefined && isExpired(expected, reading.to);
  if (actual === undefined) {
    return expected === undefined || mayBeGone ? undefined : 'is lost';
  }
  if (expected === undefined) return `should not be there: ${pictureOf(actual.value).slice(0, 60)}`;
  if (mustBeGone) return 'should have expired';
  const [picture, found] = [pictureOf(expected.value), pictureOf(actual.value)];
  if (picture !== found) return mayBeGone ? undefined : valueDifference(picture, found);
  // A key may expire between the two reads of it.
  if (expected.expireAt === actual.expireAt || mayBeGone) return undefined;
  return `expires at ${actual.expireAt}, not ${expected.expireAt}`;
}

function isExpired(entry: Entry, now: number): boolean {
  return entry.expireAt !== 0 && entry.expireAt <= now;
}

function valueDifference(expected: string, actual: string): string {
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  const around = (text: string): string => JSON.stringify(text.slice(at, at + 24));
  return `${actual.length} bytes, not ${expected.length}; from ${at} on ${around(actual)}, not ${around(expected)}`;
}

function withoutExpired(state: KeyState, reading: Reading): KeyState {
  return new Map([...state].filter(([, entry]) => !isExpired(entry, reading.to)));
}

/** SCAN finds exactly the keys that must be there, and DBSIZE counts as many. */
async function checkKeyspace(
  connection: RespConnection,
  clients: readonly LoadClient[],
): Promise<string[]> {
  let problem = '';
  // Keys that expire meanwhile are counted until the server has removed them.
  for (let attempt = 0; attempt < SETTLE_TRIES; attempt++) {
    problem = await keyspaceProblem(connection, clients);
    if (problem === '') return [];
    await sleep(SETTLE_MS);
  }
  return [problem];
}

async function keyspaceProblem(
  connection: RespConnection,
  clients: readonly LoadClient[],
): Promise<string> {
  const now = Date.now();
  const expected = new Set<string>();
  for (const client of clients) {
    for (const [key, entry] of client.acknowledged) {
      if (!isExpired(entry, now) && !isLibrary(key)) expected.add(key);
    }
  }
  const scanned = await scanAll(connection);
  const size = Number(decodeReply(await connection.send('DBSIZE')));
  const extra = [...scanned].filter((key) => !expected.has(key));
  const lost = [...expected].filter((key) => !scanned.has(key));
  if (extra.length > 0) return `SCAN finds ${extra.length} keys too many, such as ${extra[0]}`;
  if (lost.length > 0) return `SCAN misses ${lost.length} keys, such as ${lost[0]}`;
  return size === scanned.size ? '' : `DBSIZE says ${size}, SCAN finds ${scanned.size}`;
}

async function scanAll(connection: RespConnection): Promise<Set<string>> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const reply = decodeReply(await connection.send('SCAN', cursor, 'COUNT', '500'));
    if (!Array.isArray(reply)) throw new Error(`SCAN answered ${JSON.stringify(reply)}`);
    const [next, keys] = reply as [string, string[]];
    for (const key of keys) found.add(key);
    cursor = next;
  } while (cursor !== '0');
  return found;
}
