/** Many commands about numbered things, over several connections at a time. */

import { seededRandom } from '../../native-free-bench/random.js';
import { encodeCommand, RespConnection } from '../support/resp-connection.js';

export const CONNECTIONS = 8;
const PIPELINE = 64;

/** Sends the commands of the given indexes in pipelines and hands each reply to `check`. */
export async function pipeline(
  port: number,
  indexes: Iterable<number>,
  command: (index: number) => readonly string[],
  check: (index: number, reply: string) => void,
  depth = PIPELINE,
): Promise<void> {
  const connection = await RespConnection.open(port);
  const flush = async (batch: readonly number[]): Promise<void> => {
    connection.write(Buffer.concat(batch.map((index) => encodeCommand(command(index)))));
    for (const index of batch) check(index, (await connection.read()).toString('latin1'));
  };
  let batch: number[] = [];
  for (const index of indexes) {
    batch.push(index);
    if (batch.length < depth) continue;
    await flush(batch);
    batch = [];
  }
  await flush(batch);
  connection.close();
}

export function* every(step: number, start: number, end: number): Generator<number> {
  for (let index = start; index < end; index += step) yield index;
}

export function* atRandom(count: number, seed: number, keys: number): Generator<number> {
  const random = seededRandom(seed);
  for (let i = 0; i < count; i++) yield Math.floor(random() * keys);
}
