/** The channels that one set of rules allows, and which arguments of a request name channels. */

import { matchesGlob } from '../base/glob.js';
import type { Argument } from '../base/large-string.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';

/** Commands that need a right for the channels they name. To unsubscribe needs none. */
const USES: ReadonlyMap<string, { readonly several: boolean; readonly isPattern: boolean }> =
  new Map([
    ['publish', { several: false, isPattern: false }],
    ['spublish', { several: false, isPattern: false }],
    ['subscribe', { several: true, isPattern: false }],
    ['ssubscribe', { several: true, isPattern: false }],
    ['psubscribe', { several: true, isPattern: true }],
  ]);

export class ChannelPatterns {
  allowsAll = false;
  #globs: string[] = [];

  copy(): ChannelPatterns {
    const copy = new ChannelPatterns();
    copy.allowsAll = this.allowsAll;
    copy.#globs = [...this.#globs];
    return copy;
  }

  allowAll(): void {
    this.allowsAll = true;
    this.#globs = [];
  }

  clear(): void {
    this.allowsAll = false;
    this.#globs = [];
  }

  add(glob: string): void {
    if (!this.#globs.includes(glob)) this.#globs.push(glob);
  }

  /** A pattern to subscribe to must be one of the rules as it is: what else it would match nobody knows. */
  allows(channel: string, isPattern: boolean): boolean {
    if (this.allowsAll) return true;
    return isPattern
      ? this.#globs.includes(channel)
      : this.#globs.some((glob) => matchesGlob(glob, channel));
  }

  /** Where the first channel stands in argv that is not allowed; 0 if all are. */
  firstDenied({ fullName }: ResolvedCommand, argv: readonly Argument[]): number {
    const use = this.allowsAll ? undefined : USES.get(fullName);
    if (use === undefined) return 0;
    const end = use.several ? argv.length : 2;
    for (let i = 1; i < end; i++) {
      if (!this.allows(String(argv[i]), use.isPattern)) return i;
    }
    return 0;
  }

  /** In the notation of rules. */
  toString(): string {
    return this.allowsAll ? '&*' : this.#globs.map((glob) => `&${glob}`).join(' ');
  }
}
