/** What the log is opened with. */

import type { Clock } from '../../base/clock.js';
import type { Files } from '../../base/files.js';

export interface WalOptions {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  /** Forty hexadecimal digits. */
  readonly runId: string;
  readonly epoch: number;
  /** false keeps frames in memory until the segment is cut or the log closed. */
  readonly enabled: boolean;
  /** Whether room is written ahead of the frames: worth it while each group is synced. Default: never. */
  readonly writeAhead?: () => boolean;
  /** While they take up to so many milliseconds on average, syncs block the calling thread (BlockingSyncs). Default 0: none does. */
  readonly blockingSyncMsMax?: number;
  /** From this size on a group is written in parts; for tests. */
  readonly spillBytes?: number;
}

export interface WalStart {
  readonly segment: number;
  readonly nextLsn: number;
  /** Heads the new segment; '' is none. */
  readonly state: string;
  /** Older segments above the checkpoint. */
  readonly unfolded: readonly { readonly segment: number; readonly bytes: number }[];
}
