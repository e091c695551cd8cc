/**
 * SIGTERM and SIGINT close the server, and SIGHUP too if it has nothing to read again; a second one does not wait for that.
 */

import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Ctrl-C under npm arrives twice, from the terminal and from npm: what is this close is one signal. */
const SAME_SIGNAL_MS = 500;

export interface SignalActions {
  /** Called once. */
  onFirst(signal: NodeJS.Signals): void;
  /** SIGHUP. False: it means the same as the others. */
  onHangUp(): boolean;
  exit(code: number): void;
  /** Milliseconds, never going back. */
  now(): number;
}

/** @returns the function that takes them off again */
export function handleSignals({ onFirst, onHangUp, exit, now }: SignalActions): () => void {
  let firstAt: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && onHangUp()) return;
    if (firstAt === undefined) {
      firstAt = now();
      onFirst(signal);
    } else if (now() - firstAt > SAME_SIGNAL_MS) {
      exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}
