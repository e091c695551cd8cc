/** Arguments as MONITOR shows them, and as an inline request takes them: in quotes, on one line. */

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
};

/** `text` holds bytes, one a character. */
export function quoted(text: string): string {
  const escaped = text.replace(
    /[^\x20-\x7e]|["\\]/g,
    (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
