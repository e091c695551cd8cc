/** Keeps the membership filters worth having: saves them at checkpoints, makes anew what is missing or stale. */

import type { Logger } from '../base/log.js';
import { parseKeyRecordKey, spaceRange } from './encoding.js';
import type { FilterFiles } from './filter-files.js';
import type { Keyspace } from './keyspace.js';
import { MembershipFilter } from './membership-filter.js';
import type { Space } from './space.js';

/** Filters above this are saved at every so many bytes of log only, and when the server closes. */
const SMALL_BYTES = 16 * 1024 * 1024;
const LARGE_SAVE_MS = 10 * 60 * 1000;
const PAGE = { maxRecords: 5_000, maxBytes: 1024 * 1024 } as const;
/** A filter is made anew when it has taken this many times the keys that are left. */
const STALE_FACTOR = 4;
const STALE_KEYS_MIN = 100_000;

export class FilterKeeper {
  readonly #keyspace: Keyspace;
  readonly #files: FilterFiles;
  readonly #logger: Logger;
  #savedAt = 0;
  #rebuilding: Promise<void> | undefined;
  #closed = false;

  constructor(keyspace: Keyspace, files: FilterFiles, logger: Logger) {
    this.#keyspace = keyspace;
    this.#files = files;
    this.#logger = logger;
  }

  /** To be called after each checkpoint. A filter that cannot be saved is only slower to have next time. */
  async save(force = false): Promise<void> {
    const spaces = this.#spaces();
    const bytes = spaces.reduce((total, space) => total + space.filter.bytes, 0);
    const now = this.#keyspace.clock.monotonic();
    if (!force && bytes > SMALL_BYTES && now - this.#savedAt < LARGE_SAVE_MS) return;
    this.#savedAt = now;
    try {
      await this.#files.save(spaces, this.#keyspace.storage.checkpoint);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the membership filters could not be saved');
    }
  }

  /** Makes anew, one at a time and in the background, what is incomplete or full of keys that are gone. */
  check(): void {
    const space = this.#spaces().find((each) => isStale(each));
    if (space === undefined || this.#rebuilding !== undefined || this.#closed) return;
    this.#rebuilding = this.#rebuild(space)
      .catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'a membership filter could not be made anew');
      })
      .finally(() => {
        this.#rebuilding = undefined;
      });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#rebuilding;
    await this.save(true);
  }

  #spaces(): Space[] {
    return this.#keyspace.databases.spaces.filter((space) => space !== undefined);
  }

  /**
   * Keys that come while the store is read are added to the old filter and to the new one. A dirty key that is
   * absent now may come back without being added: the group that deleted it may yet be given up.
   */
  async #rebuild(space: Space): Promise<void> {
    const fresh = new MembershipFilter();
    space.nextFilter = fresh;
    const { checkpoint } = this.#keyspace.residents;
    for (const { record, segment, slot, hash } of space.residents()) {
      if (record !== undefined || segment > checkpoint) fresh.add(slot, hash);
    }
    const { from, to } = spaceRange('m', space.id);
    for (let start = from; ; ) {
      const page = await this.#keyspace.storage.range({ from: start, to, ...PAGE });
      for (const recordKey of page.keys) {
        const { slot, hash } = parseKeyRecordKey(recordKey);
        if (!fresh.mayContain(slot, hash)) fresh.add(slot, hash);
      }
      if (page.done) break;
      if (space.dropped || this.#closed) return;
      start = `${page.keys[page.keys.length - 1]}\0`;
    }
    space.filter = fresh;
    space.nextFilter = undefined;
    this.#logger.debug({ space: space.id, keys: fresh.keys }, 'a membership filter was made anew');
  }
}

function isStale(space: Space): boolean {
  const { filter } = space;
  if (!filter.complete) return true;
  return filter.keys > STALE_KEYS_MIN && filter.keys > space.count * STALE_FACTOR;
}
