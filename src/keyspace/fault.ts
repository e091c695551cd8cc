/**
 * The one idea of DiskDB: what is not resident is a page fault (ARCHITECTURE, "a cold read is a page fault").
 * A view that misses something fills in the fault and throws it; whoever runs the attempt undoes the
 * transaction, has the wants satisfied, and runs the attempt again.
 */

import type { Entry } from './entry.js';

/** One record to be loaded. */
export interface Want {
  readonly recordKey: string;
  /** The version whose data it is; 0 for a header. */
  readonly version: number;
  /** Makes what the store answered resident, unless a newer truth is resident already. */
  install(value: string | undefined): void;
}

/** Records of a collection, in order, from one end of a range. What is loaded of it is known as a range. */
export interface WantedRange {
  readonly entry: Entry;
  /** Bounds of the names: `from` is included, `to` is not. */
  readonly from: string;
  readonly to: string;
  /** From the end of the range downwards. */
  readonly reverse: boolean;
  /** How many are enough. */
  readonly limit: number;
}

export interface Wait {
  /** Tells the waits of one request apart. */
  readonly name: string;
  start(): Promise<unknown>;
  /** Lets go of what the outcome holds; called once, when the request has ended. */
  release?(outcome: unknown): void;
}

class Fault extends Error {
  readonly wants: Want[] = [];
  range: WantedRange | undefined;
  /** Of the collection when the fault was thrown. */
  rangeVersion = 0;
  /** Small collections that requests behind the one at fault will need, whole. */
  readonly hintedCollections = new Set<Entry>();
  /** Of all that is loaded for those requests, in bytes (an estimate). */
  hintedBytes = 0;
  /** How long it took to find out what they will need, in milliseconds. */
  rehearsalMs = 0;
  /** Anything else that must happen first, such as a checkpoint. */
  wait: Wait | undefined;

  constructor() {
    super('a fault that nobody handled');
  }

  clear(): void {
    this.wants.length = 0;
    this.hintedCollections.clear();
    this.hintedBytes = 0;
    this.rehearsalMs = 0;
    this.range = undefined;
    this.wait = undefined;
  }
}

/** Preallocated: a fault costs no stack trace. There is one command thread, so there is one fault at a time. */
export const fault = new Fault();
