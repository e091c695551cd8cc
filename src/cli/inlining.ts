/** What V8 is told about inlining. */

const MB = 1024 * 1024;
/** Of a smaller cache the machine code would be too large a part: it grows by 25 MB (measured). */
const CACHE_MIN = 128 * MB;
const INLINING_FLAG = /^--max[-_]inlined[-_]bytecode[-_]size([-_]cumulative)?(=|$)/;

/**
 * The flags of V8 for a server with this cache, unless they were chosen by hand. A request goes through many
 * short functions, and V8 stops inlining them half-way: four times its budget in all, and twice that of one function, take a
 * tenth off the CPU of a pipelined SET or INCR (docs/performance.md).
 */
export function inliningFlagsFor(
  cacheBytes: number,
  nodeFlags: readonly string[] = givenFlags(),
): readonly string[] {
  if (cacheBytes < CACHE_MIN || nodeFlags.some((flag) => INLINING_FLAG.test(flag))) return [];
  return ['--max-inlined-bytecode-size-cumulative=4000', '--max-inlined-bytecode-size=1000'];
}

/** The flags of Node and V8 with which the process was started. */
export function givenFlags(): readonly string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
}
