/** A command line as redis-cli reads it: words between blanks, "…" with \n \r \t \\ \" \xHH. Gives latin1 strings. */

const WORD = /"((?:[^"\\]|\\.)*)"|(\S+)/gs;
const ESCAPE = /\\(?:x([0-9a-f]{2})|(.))/gis;
const NAMED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

export function parseLine(line: string): string[] {
  return [...line.matchAll(WORD)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : unquote(quoted),
  );
}

function unquote(text: string): string {
  return text.replace(ESCAPE, (_, hex: string | undefined, character: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return NAMED[character ?? ''] ?? character ?? '';
  });
}
