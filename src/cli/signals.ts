/** SIGTERM and SIGINT close the server; a second one does not wait for that. SIGHUP ends nothing. */

import { constants } from 'node:os';

const ENDING = ['SIGTERM', 'SIGINT'] as const;

/** Ctrl-C under npm arrives twice, from the terminal and from npm: what is this close is one signal. */
const SAME_SIGNAL_MS = 500;

export interface SignalActions {
  /** Called once. */
  onFirst(signal: NodeJS.Signals): void;
  /** SIGHUP, as often as it comes: when a terminal is closed, or to have files read again. */
  onHangUp(): void;
  exit(code: number): void;
  /** Milliseconds, never going back. */
  now(): number;
}

/** @returns the function that takes them off again */
export function handleSignals({ onFirst, onHangUp, exit, now }: SignalActions): () => void {
  let firstAt: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = now();
      onFirst(signal);
    } else if (now() - firstAt > SAME_SIGNAL_MS) {
      exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of ENDING) process.on(signal, handle);
  process.on('SIGHUP', onHangUp);
  return () => {
    for (const signal of ENDING) process.off(signal, handle);
    process.off('SIGHUP', onHangUp);
  };
}
