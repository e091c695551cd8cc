/** Redis's glob patterns for names of options. */

const SPECIAL = /[\\^$.|+(){}/\]]/g;

/** Tells whether a name matches, whatever its case: `*`, `?`, `[a-c]`, `[^x]`, and `\` before a literal. */
export function globMatcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(
    /\*+|\?|\[(\^?)((?:\\.|[^\]])*)\]|\\(.)|[^*?\\]/gs,
    (part, not: string | undefined, set: string | undefined, literal: string | undefined) => {
      if (part.startsWith('*')) return '.*';
      if (part === '?') return '.';
      if (set !== undefined)
        return set === '' ? '(?!)' : `[${not}${set.replace(/[[\]^]/g, '\\$&')}]`;
      return (literal ?? part).replace(SPECIAL, '\\$&').replace('[', '\\[');
    },
  );
  return matcher(source);
}

function matcher(source: string): (name: string) => boolean {
  try {
    const expression = new RegExp(`^${source}$`, 'is');
    return (name) => expression.test(name);
  } catch (error) {
    if (error instanceof SyntaxError) return () => false; // a range that runs backwards
    throw error;
  }
}
