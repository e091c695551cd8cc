/** The reserve is there for a fold, and never takes the room that writes need. */

import { expect, it } from 'vitest';
import { SimulatedFiles } from '../../src/base/simulated-files.js';
import { Reserve } from '../../src/storage/reserve.js';

const DIRECTORY = '/data';
const BYTES = 3_000_000;

it('is made whole, if it takes at most half of what is free', async () => {
  const files = new SimulatedFiles({ capacity: 2 * BYTES - 1 });
  const reserve = new Reserve(files, DIRECTORY, BYTES);
  await reserve.make(() => true);
  expect(reserve.held).toBe(false);
  files.capacity = 2 * BYTES;
  await reserve.make(() => true);
  expect(files.usedBytes()).toBe(BYTES);
  expect(reserve.free()).toBe(true);
  expect(files.usedBytes()).toBe(0);
  expect(reserve.free()).toBe(false);
});

it('leaves nothing behind if it is stopped, or if the disk fills meanwhile', async () => {
  const files = new SimulatedFiles({ capacity: 10 * BYTES });
  const reserve = new Reserve(files, DIRECTORY, BYTES);
  let blocks = 0;
  await reserve.make(() => ++blocks < 2);
  expect(files.usedBytes()).toBe(0);
  const fillDisk = (): boolean => {
    files.capacity = files.usedBytes();
    return true;
  };
  await expect(reserve.make(fillDisk)).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(files.usedBytes()).toBe(0);
  expect(reserve.held).toBe(false);
});
