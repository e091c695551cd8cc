/** ACL LOG: what was denied, the latest first; alike within a minute are one entry. */

import { ownText } from '../base/byte-text.js';
import type { Clock } from '../base/clock.js';
import type {
  Denial,
  DenialContext,
  DenialLog,
  DenialReason,
  DenialRecord,
} from '../commands/access-control.js';

const ALIKE_WITHIN_MS = 60_000;
/** How many of the latest entries are looked through for one alike. */
const LOOKED_THROUGH = 10;

/** Of a name that a client sent, this much is kept, in bytes: what it may send is as long as a value. */
const NAME_BYTES_MAX = 4096;

function shortened(name: string): string {
  const end = NAME_BYTES_MAX - '...'.length;
  return name.length <= NAME_BYTES_MAX ? name : ownText(`${name.slice(0, end)}...`);
}

export class Denials implements DenialLog {
  readonly counts: Record<DenialReason, number> = { auth: 0, command: 0, key: 0, channel: 0 };
  readonly #clock: Clock;
  readonly #mostEntries: () => number;
  #records: DenialRecord[] = [];
  #nextId = 0;

  constructor(clock: Clock, mostEntries: () => number) {
    this.#clock = clock;
    this.#mostEntries = mostEntries;
  }

  latest(count: number): readonly DenialRecord[] {
    return this.#records.slice(0, count);
  }

  reset(): void {
    this.#records = [];
  }

  resetCounts(): void {
    Object.assign(this.counts, { auth: 0, command: 0, key: 0, channel: 0 });
  }

  note({ reason, object, username }: Denial, context: DenialContext, client: string): void {
    const denial = { reason, object: shortened(object), username: shortened(username) };
    this.counts[reason]++;
    const now = this.#clock.now();
    const at = this.#alike(denial, context, now);
    const before = this.#records[at];
    if (before !== undefined) this.#records.splice(at, 1);
    const { id, count, createdAt } = before ?? { id: this.#nextId++, count: 0, createdAt: now };
    this.#records.unshift({
      ...denial,
      context,
      id,
      count: count + 1,
      createdAt,
      updatedAt: now,
      client,
    });
    this.#records.length = Math.min(this.#records.length, this.#mostEntries());
  }

  #alike(denial: Denial, context: DenialContext, now: number): number {
    return this.#records.findIndex(
      (record, i) =>
        i < LOOKED_THROUGH &&
        record.reason === denial.reason &&
        record.context === context &&
        record.object === denial.object &&
        record.username === denial.username &&
        Math.abs(now - record.updatedAt) <= ALIKE_WITHIN_MS,
    );
  }
}
