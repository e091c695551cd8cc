/** Runs bin/diskdb.js, or npm, as a user does. Needs dist/ (npm test builds it). */

import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface Launched {
  readonly child: ChildProcess;
  output(): string;
  readonly exited: Promise<Result>;
  /** Resolves with what the pattern found in the output. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface LaunchOptions {
  readonly command?: string;
  readonly nodeFlags?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

const POLL_MS = 20;
const WAIT_MS = 20_000;

/** Killed when the test ends, if it has not ended by then. */
export function launch(args: readonly string[], options: LaunchOptions = {}): Launched {
  const command = options.command ?? process.execPath;
  const first =
    options.command === undefined ? [...(options.nodeFlags ?? []), 'bin/diskdb.js'] : [];
  const child = spawn(command, [...first, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let output = '';
  let hasEnded = false;
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<Result>((resolve) => {
    child.on('close', (code, signal) => {
      hasEnded = true;
      resolve({ code, signal, output });
    });
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited; // it has files in the directory
  });
  return {
    child,
    output: () => output,
    exited,
    waitFor: (pattern) =>
      poll(
        () => {
          const found = pattern.exec(output);
          if (found === null && hasEnded) throw new Error(`it ended:\n${output}`);
          return found;
        },
        () => output,
      ),
  };
}

export function run(...args: readonly string[]): Promise<Result> {
  return launch(args).exited;
}

/** Asks again and again until there is an answer; `story` is what there is to tell when none comes. */
async function poll<T>(
  ask: () => T | null | undefined,
  story: () => string = () => '',
): Promise<T> {
  for (let waited = 0; waited < WAIT_MS; waited += POLL_MS) {
    const answer = ask();
    if (answer !== null && answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`no answer within ${WAIT_MS} ms\n${story()}`);
}
