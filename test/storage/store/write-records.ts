/** Writes records to a store as one batch. */

import type { StoreWrite } from '../../../src/storage/store/memory-store.js';
import type { Store } from '../../../src/storage/store/store.js';

export function writeRecords(store: Store, writes: readonly StoreWrite[]): Promise<void> {
  const batch = store.batch();
  for (const { key, value } of writes) {
    if (value === undefined) batch.delete(key);
    else batch.put(key, value);
  }
  return batch.write();
}
