/**
 * A file system in memory that fails as real ones do: a crash loses what was not synced (any choice of
 * it, torn too), the disk fills, fsync fails, bits flip. Also the medium of the mode without a disk.
 *
 * Model: a write or truncation is durable once its file was synced, a creation, removal or renaming once
 * its directory was. Until then each is a journalled operation that a crash may or may not keep.
 */

import { dirname } from 'node:path';
import type { FileHandle, Files, OpenMode } from './files.js';
import {
  crashInode,
  type Inode,
  type Keep,
  newInode,
  syncInode,
  truncateContent,
  type UnsyncedOperation,
  writeContent,
} from './simulated-inode.js';
import { yieldTurn } from './yield-turn.js';

interface NameOperation {
  readonly sequence: number;
  readonly path: string;
  /** undefined: the name goes. */
  readonly inode: Inode | undefined;
}

export interface SimulatedOptions {
  /** Bytes that fit; may be changed later. */
  readonly capacity?: number;
  /** false saves the memory and time of the journal: for use as a medium, where no crash is simulated. */
  readonly journal?: boolean;
}

export class SimulatedFiles implements Files {
  capacity: number;
  /** When set, asked before each fsync of a file or directory; an error it returns is thrown. */
  failSync: ((path: string) => Error | undefined) | undefined;
  /** When set, asked before each write. */
  failWrite: ((path: string) => Error | undefined) | undefined;
  /** When set, asked before each truncation. */
  failTruncate: ((path: string) => Error | undefined) | undefined;
  /** When set, told of each operation: 'write path', 'sync path', 'create path' … */
  trace: ((event: string) => void) | undefined;

  readonly #journal: boolean;
  readonly #directories = new Set<string>();
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #nameJournal: NameOperation[] = [];
  #sequence = 0;
  #generation = 0;

  constructor(options: SimulatedOptions = {}) {
    this.capacity = options.capacity ?? Number.POSITIVE_INFINITY;
    this.#journal = options.journal ?? true;
  }

  openSync(path: string, mode: OpenMode): FileHandle {
    let inode = this.#names.get(path);
    if (mode === 'create') {
      if (inode) throw systemError('EEXIST', path);
      inode = newInode();
      this.trace?.(`create ${path}`);
      this.#setName(path, inode);
    }
    if (!inode) throw systemError('ENOENT', path);
    return new SimulatedFile(this, path, inode, this.#generation, mode);
  }

  existsSync(path: string): boolean {
    return this.#names.has(path) || this.#directories.has(path);
  }

  listSync(path: string): string[] {
    const prefix = `${path}/`;
    const inside = [...this.#names.keys(), ...this.#directories].filter((name) =>
      name.startsWith(prefix),
    );
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))].sort();
  }

  /** Directories are durable at once: only what is in them is at stake here. */
  makeDirectorySync(path: string): void {
    this.#directories.add(path);
  }

  removeSync(path: string): void {
    if (!this.#names.has(path)) throw systemError('ENOENT', path);
    this.trace?.(`remove ${path}`);
    this.#setName(path, undefined);
  }

  renameSync(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (!inode) throw systemError('ENOENT', from);
    this.#setName(to, inode);
    this.#setName(from, undefined);
  }

  async syncDirectory(path: string): Promise<void> {
    await yieldTurn();
    this.syncDirectorySync(path);
  }

  syncDirectorySync(path: string): void {
    this.throwIf(this.failSync, path);
    this.trace?.(`sync ${path}`);
    for (const operation of this.#nameJournal) {
      if (dirname(operation.path) === path) applyName(this.#durableNames, operation);
    }
    this.#nameJournal = this.#nameJournal.filter(({ path: name }) => dirname(name) !== path);
  }

  freeBytes(): number {
    return Math.max(0, this.capacity - this.usedBytes());
  }

  usedBytes(): number {
    let used = 0;
    for (const inode of this.#names.values()) used += inode.live.length;
    return used;
  }

  /** What a crash now could lose, oldest first. */
  unsynced(): UnsyncedOperation[] {
    const inodes = new Set([...this.#names.values(), ...this.#durableNames.values()]);
    const writes = [...inodes].flatMap(({ journal }) => journal);
    return [...writes, ...this.#nameJournal]
      .map((operation) => ({
        sequence: operation.sequence,
        path: operation.path,
        bytes: 'bytes' in operation ? (operation.bytes?.length ?? 0) : 0,
      }))
      .sort((left, right) => left.sequence - right.sequence);
  }

  /**
   * The power fails. `keep` says of each unsynced operation whether it reached the disk; of a write, a number
   * is how many of its bytes did. Handles that are open are dead afterwards.
   */
  crash(keep: Keep = () => false): void {
    this.#generation++;
    for (const inode of new Set([...this.#names.values(), ...this.#durableNames.values()])) {
      crashInode(inode, keep);
    }
    for (const operation of this.#nameJournal) {
      const { sequence, path } = operation;
      if (keep({ sequence, path, bytes: 0 })) applyName(this.#durableNames, operation);
    }
    this.#nameJournal = [];
    this.#names = new Map(this.#durableNames);
  }

  /** Inverts bits of one byte, on the medium too. */
  flip(path: string, offset: number, bits = 0xff): void {
    const inode = this.#names.get(path);
    if (!inode || offset >= inode.live.length) throw systemError('ENOENT', path);
    for (const content of [inode.live, inode.durable]) {
      const byte = content.bytes[offset];
      if (byte !== undefined) content.bytes[offset] = byte ^ bits;
    }
  }

  /** For SimulatedFile only. */
  record(inode: Inode, path: string, position: number, bytes: Uint8Array | undefined): void {
    this.#sequence++;
    if (!this.#journal) return;
    const copy = bytes && Buffer.from(bytes);
    inode.journal.push({ sequence: this.#sequence, path, position, bytes: copy });
  }

  /** For SimulatedFile only. */
  throwIf(ask: ((path: string) => Error | undefined) | undefined, path: string): void {
    const error = ask?.(path);
    if (error) throw error;
  }

  get generation(): number {
    return this.#generation;
  }

  #setName(path: string, inode: Inode | undefined): void {
    const operation = { sequence: ++this.#sequence, path, inode };
    applyName(this.#names, operation);
    if (this.#journal) this.#nameJournal.push(operation);
  }
}

class SimulatedFile implements FileHandle {
  readonly path: string;
  readonly #files: SimulatedFiles;
  readonly #inode: Inode;
  readonly #generation: number;
  readonly #mode: OpenMode;
  #closed = false;

  constructor(
    files: SimulatedFiles,
    path: string,
    inode: Inode,
    generation: number,
    mode: OpenMode,
  ) {
    this.#files = files;
    this.path = path;
    this.#inode = inode;
    this.#generation = generation;
    this.#mode = mode;
  }

  writeSync(bytes: Uint8Array, position: number): void {
    this.#check();
    if (this.#mode === 'read') throw systemError('EBADF', this.path);
    const files = this.#files;
    files.throwIf(files.failWrite, this.path);
    const growth = Math.max(0, position + bytes.length - this.#inode.live.length);
    const missing = Math.max(0, growth - files.freeBytes());
    const fitting = bytes.subarray(0, bytes.length - Math.min(missing, bytes.length));
    files.trace?.(`write ${this.path}`);
    writeContent(this.#inode.live, position, fitting);
    files.record(this.#inode, this.path, position, fitting);
    if (missing > 0) throw systemError('ENOSPC', this.path);
  }

  readSync(into: Uint8Array, position: number): number {
    this.#check();
    const { bytes, length } = this.#inode.live;
    const count = Math.max(0, Math.min(into.length, length - position));
    into.set(bytes.subarray(position, position + count));
    return count;
  }

  truncateSync(length: number): void {
    this.#check();
    this.#files.throwIf(this.#files.failTruncate, this.path);
    this.#files.trace?.(`truncate ${this.path}`);
    truncateContent(this.#inode.live, length);
    this.#files.record(this.#inode, this.path, length, undefined);
  }

  sizeSync(): number {
    this.#check();
    return this.#inode.live.length;
  }

  /** What was written before the call is durable when it resolves; what comes meanwhile may not be. */
  async dataSync(): Promise<void> {
    this.#check();
    const covered = this.#inode.journal.length;
    await yieldTurn();
    this.#check();
    this.#sync(covered);
  }

  dataSyncSync(): void {
    this.#check();
    this.#sync(this.#inode.journal.length);
  }

  closeSync(): void {
    this.#closed = true;
  }

  #sync(covered: number): void {
    const files = this.#files;
    files.throwIf(files.failSync, this.path);
    files.trace?.(`sync ${this.path}`);
    syncInode(this.#inode, covered);
  }

  #check(): void {
    if (this.#closed || this.#generation !== this.#files.generation) {
      throw systemError('EBADF', this.path);
    }
  }
}

/** An error as Node makes them for failed system calls. */
export function systemError(code: string, path: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`${code}: simulated, '${path}'`);
  error.code = code;
  error.path = path;
  return error;
}

function applyName(names: Map<string, Inode>, operation: NameOperation): void {
  if (operation.inode) names.set(operation.path, operation.inode);
  else names.delete(operation.path);
}
