/**
 * The file system as DiskDB uses it, small enough to be simulated: tests lose unsynced writes, tear the last
 * one, fill the disk. Calls that end in Sync block; errors are Node's, with their `code` (ENOSPC, EIO …).
 */

export interface FileHandle {
  readonly path: string;
  /** Writes all bytes at `position` or throws; a part of them may then be in the file. */
  writeSync(bytes: Uint8Array, position: number): void;
  /** Bytes read, less than asked only at the end of the file. */
  readSync(into: Uint8Array, position: number): number;
  truncateSync(length: number): void;
  sizeSync(): number;
  /** On stable storage when it resolves: data, and metadata needed to read it back. */
  dataSync(): Promise<void>;
  dataSyncSync(): void;
  closeSync(): void;
}

export type OpenMode = 'read' | 'read-write' | 'create';

export interface Files {
  /** `create` fails if the file exists. */
  openSync(path: string, mode: OpenMode): FileHandle;
  existsSync(path: string): boolean;
  /** Names in the directory, sorted; empty if there is none. */
  listSync(path: string): string[];
  makeDirectorySync(path: string): void;
  removeSync(path: string): void;
  renameSync(from: string, to: string): void;
  /** Makes creations, removals and renames in the directory durable. */
  syncDirectory(path: string): Promise<void>;
  syncDirectorySync(path: string): void;
  /** Bytes free for this process on the file system that holds the path. */
  freeBytes(path: string): number;
}
