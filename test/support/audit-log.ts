/** Whether the log says rightly which changes create their records, and has what its patches go over. */

import type { Files } from '../../src/base/files.js';
import { printable } from '../../src/base/printable.js';
import { isKeyRecord } from '../../src/keyspace/encoding.js';
import { ChangeReader, visitChanges } from '../../src/storage/log/change-reader.js';
import { isBad, listSegments, SegmentReader } from '../../src/storage/log/segment.js';
import { ChangeFlag, ChangeKind } from '../../src/storage/storage.js';

/**
 * A sentence for each change above the checkpoint that says so of a record which was there, or of a key's header does not say
 * so though there was none; and for each patch of a record that its segment has not put before. `stored` are the names of the
 * records in the store as of the checkpoint.
 */
export function auditChanges(
  files: Files,
  directory: string,
  checkpoint: number,
  stored: Iterable<string>,
): string[] {
  const existing = new Set(stored);
  const problems: string[] = [];
  for (const segment of listSegments(files, directory)) {
    if (segment <= checkpoint) continue;
    const put = new Set<string>();
    for (const { lsn, key, kind, creates } of changesIn(files, directory, segment)) {
      if (kind === ChangeKind.patch) {
        if (!put.has(key))
          problems.push(`LSN ${lsn} patches ${printable(key)}, which is not in its segment`);
      } else if (kind === ChangeKind.put) {
        put.add(key);
        const isKey = isKeyRecord(key);
        const isWrong = existing.has(key) ? creates : isKey && !creates;
        if (isWrong)
          problems.push(`LSN ${lsn} ${creates ? 'creates' : 'changes'} ${printable(key)}`);
        existing.add(key);
      } else {
        put.delete(key);
        existing.delete(key);
      }
    }
  }
  return problems;
}

interface RecordChange {
  readonly lsn: number;
  readonly key: string;
  /** A ChangeKind, but no state. */
  readonly kind: number;
  readonly creates: boolean;
}

/** What the segment says of records, in order. */
export function changesIn(files: Files, directory: string, segment: number): RecordChange[] {
  const found: RecordChange[] = [];
  const reader = new SegmentReader(files, directory, segment);
  const changes = new ChangeReader();
  for (let frame = reader.next(); frame && !isBad(frame); frame = reader.next()) {
    for (const section of changes.read(frame)) {
      visitChanges(section, (flags, lsn, keyStart, valueStart) => {
        const key = section.bytes.latin1Slice(keyStart, valueStart);
        const kind = flags & 0x0f;
        if (kind === ChangeKind.state) return;
        const creates = (flags & ChangeFlag.created) !== 0;
        found.push({ lsn, key, kind, creates });
      });
    }
  }
  reader.close();
  return found;
}
