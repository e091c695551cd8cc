/**
 * A file of SimulatedFiles: its bytes as programs see them, its bytes on the medium, and the journal of what lies
 * between. A crash keeps any choice of the journal.
 */

/** An operation that was not synced when the crash came. */
export interface UnsyncedOperation {
  readonly sequence: number;
  readonly path: string;
  /** Bytes written; 0 for a truncation or a change of names. */
  readonly bytes: number;
}

interface Content {
  bytes: Buffer;
  length: number;
}

export interface Inode {
  readonly live: Content;
  readonly durable: Content;
  journal: FileOperation[];
}

interface FileOperation {
  /** Order among all operations of the file system. */
  readonly sequence: number;
  readonly path: string;
  readonly position: number;
  /** undefined: a truncation to `position`. */
  readonly bytes: Buffer | undefined;
}

export function newInode(): Inode {
  return { live: emptyContent(), durable: emptyContent(), journal: [] };
}

function emptyContent(): Content {
  return { bytes: Buffer.alloc(0), length: 0 };
}

export function writeContent(content: Content, position: number, bytes: Uint8Array): void {
  const end = position + bytes.length;
  if (end > content.bytes.length) {
    const grown = Buffer.alloc(Math.max(end, content.bytes.length * 2, 256));
    content.bytes.copy(grown, 0, 0, content.length);
    content.bytes = grown;
  }
  content.bytes.set(bytes, position);
  content.length = Math.max(content.length, end);
}

export function truncateContent(content: Content, length: number): void {
  if (length < content.length) content.bytes.fill(0, length, content.length);
  else writeContent(content, content.length, Buffer.alloc(length - content.length));
  content.length = length;
}

function copyContent(from: Content, to: Content): void {
  to.bytes = Buffer.from(from.bytes.subarray(0, from.length));
  to.length = from.length;
}

function applyFileOperation(content: Content, operation: FileOperation, bytes: number): void {
  if (operation.bytes === undefined) truncateContent(content, operation.position);
  else writeContent(content, operation.position, operation.bytes.subarray(0, bytes));
}

/** What of an unsynced operation reached the medium: all, nothing, or so many bytes of a write. */
export type Keep = (operation: UnsyncedOperation) => boolean | number;

/** The power fails: the file is what was synced, and what is kept of the rest. */
export function crashInode(inode: Inode, keep: Keep): void {
  for (const operation of inode.journal) keepFileOperation(inode, operation, keep);
  inode.journal = [];
  copyContent(inode.durable, inode.live);
}

/** Makes the first operations of the journal durable. */
export function syncInode(inode: Inode, count: number): void {
  for (const operation of inode.journal.splice(0, count)) {
    applyFileOperation(inode.durable, operation, operation.bytes?.length ?? 0);
  }
}

function keepFileOperation(inode: Inode, operation: FileOperation, keep: Keep): void {
  const { sequence, path } = operation;
  const whole = operation.bytes?.length ?? 0;
  const kept = keep({ sequence, path, bytes: whole });
  if (kept === false) return;
  applyFileOperation(inode.durable, operation, kept === true ? whole : kept);
}
