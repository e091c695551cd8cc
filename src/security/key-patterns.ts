/** The keys that one set of rules allows, for reading and for writing. */

import { matchesGlob } from '../base/glob.js';
import type { KeySpecFlag } from '../commands/spec.js';

interface KeyPattern {
  readonly glob: string;
  readonly reads: boolean;
  readonly writes: boolean;
}

/** What is done with a key: neither, if only whether it exists, or how long it is, matters. */
export interface KeyUse {
  readonly reads: boolean;
  readonly writes: boolean;
}

export function useOf(flags: readonly KeySpecFlag[]): KeyUse {
  let reads = false;
  let writes = false;
  for (const flag of flags) {
    reads ||= flag === 'access';
    writes ||= flag === 'insert' || flag === 'delete' || flag === 'update';
  }
  return { reads, writes };
}

export class KeyPatterns {
  allowsAll = false;
  #patterns: KeyPattern[] = [];

  copy(): KeyPatterns {
    const copy = new KeyPatterns();
    copy.allowsAll = this.allowsAll;
    copy.#patterns = [...this.#patterns];
    return copy;
  }

  allowAll(): void {
    this.allowsAll = true;
    this.#patterns = [];
  }

  clear(): void {
    this.allowsAll = false;
    this.#patterns = [];
  }

  /** A pattern that is there already may be used for more then. */
  add(glob: string, { reads, writes }: KeyUse): void {
    const at = this.#patterns.findIndex((each) => each.glob === glob);
    const before = this.#patterns[at];
    if (before === undefined) this.#patterns.push({ glob, reads, writes });
    else {
      const [read, written] = [before.reads || reads, before.writes || writes];
      this.#patterns[at] = { glob, reads: read, writes: written };
    }
  }

  allows(key: string, use: KeyUse): boolean {
    if (this.allowsAll) return true;
    for (const pattern of this.#patterns) {
      if (isFor(pattern, use) && matchesGlob(pattern.glob, key)) return true;
    }
    return false;
  }

  /** Every key that there may ever be. */
  allowsEvery(use: KeyUse): boolean {
    return this.allowsAll || this.#patterns.some((each) => isFor(each, use) && each.glob === '*');
  }

  /** In the notation of rules. */
  toString(): string {
    return this.allowsAll ? '~*' : this.#patterns.map(ruleOf).join(' ');
  }
}

function isFor(pattern: KeyPattern, use: KeyUse): boolean {
  return (pattern.reads || !use.reads) && (pattern.writes || !use.writes);
}

function ruleOf({ glob, reads, writes }: KeyPattern): string {
  if (reads && writes) return `~${glob}`;
  return `${reads ? '%R' : '%W'}~${glob}`;
}
