/** Deletes fields of a hash whose time has come. */

import { tableRange } from './collection.js';
import type { Database } from './database.js';
import type { Entry } from './entry.js';
import {
  fieldExpiriesBefore,
  fieldExpiryOf,
  HASH_EXPIRIES,
  hashAbout,
  hashFlags,
  parseFieldExpiryName,
} from './field-expiry.js';
import { type Header, NEVER, withCount } from './header.js';

/** Fields deleted by one change. */
const BATCH = 1000;

/** True if the header says that fields may be due. */
export function mayHaveDueFields({ record }: Entry, now: number): boolean {
  const at = record === undefined ? NEVER : fieldExpiryOf(record);
  return at !== NEVER && at <= now;
}

/** Deletes fields that are due, and the key with the last one. The header then has the time of the next. Returns how many. */
export function deleteDueFields(db: Database, entry: Entry): number {
  const due = db.scanData(entry, { ...fieldExpiriesBefore(db.now + 1), limit: BATCH });
  for (const name of due) {
    db.writeData(entry, parseFieldExpiryName(name).field, undefined);
    db.writeData(entry, name, undefined);
  }
  const header = entry.record as Header;
  if (due.length > 0) db.notify('hash', 'hexpired', entry.key);
  if (due.length === header.count) {
    db.deleteEntry(entry);
    db.notify('generic', 'del', entry.key);
    return due.length;
  }
  const first = db.scanData(entry, { ...tableRange(HASH_EXPIRIES), limit: 1 })[0];
  const next = first === undefined ? NEVER : parseFieldExpiryName(first).at;
  const about = hashAbout(hashFlags(header.value), next);
  db.replace(entry, withCount(header, header.count - due.length, about));
  return due.length;
}
