/** Buffer's raw bindings for latin1, which Node has and its types leave out: faster than toString and write. */

declare global {
  interface Buffer {
    latin1Slice(start: number, end: number): string;
    latin1Write(text: string, offset: number, length: number): number;
  }
}

export {};
