/** Keys for people: in messages, dumps and reports. */

/** The bytes in quotes; what is not printable ASCII as \xNN. */
export function printable(bytes: Buffer | string): string {
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const escaped = text.replace(/[^\x20-\x7e]|["\\]/g, (char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
