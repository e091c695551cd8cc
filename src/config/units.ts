/** Sizes and durations as people write them. Sizes are whole bytes, durations are milliseconds. */

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  kib: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
  t: 1000 ** 4,
  tb: 1024 ** 4,
  tib: 1024 ** 4,
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PRINTED_SIZES = ['tb', 'gb', 'mb', 'kb'] as const;
const PRINTED_DURATIONS = ['h', 'm', 's'] as const;

/**
 * Bytes of `100MB`, `64kb`, `1g` or a bare number; undefined if it is none of these. As in Redis, a unit
 * that ends in B counts in powers of 1024, one that does not in powers of 1000; case does not matter.
 */
export function parseSize(text: string): number | undefined {
  return scaled(/^(\d+)([a-z]*)$/i.exec(text), SIZE_UNITS);
}

/** The shortest exact form: `100MB`, or a bare number of bytes. */
export function formatSize(bytes: number): string {
  const unit = exactUnit(bytes, PRINTED_SIZES, SIZE_UNITS);
  return unit === undefined
    ? String(bytes)
    : `${bytes / (SIZE_UNITS[unit] ?? 1)}${unit.toUpperCase()}`;
}

/** Milliseconds of `1000ms`, `60s`, `5m`, `1h`; a bare number is refused (undefined), but 0 needs no unit. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  return scaled(/^(\d+)([a-z]+)$/i.exec(text), DURATION_UNITS);
}

/** The shortest exact form: `60s` is `1m`. */
export function formatDuration(ms: number): string {
  const unit = exactUnit(ms, PRINTED_DURATIONS, DURATION_UNITS);
  return unit === undefined ? `${ms}ms` : `${ms / (DURATION_UNITS[unit] ?? 1)}${unit}`;
}

function scaled(
  match: RegExpExecArray | null,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const unit = match?.[2]?.toLowerCase() ?? '';
  const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (match === null || scale === undefined) return undefined;
  const value = Number(match[1]) * scale;
  return Number.isSafeInteger(value) ? value : undefined;
}

function exactUnit(
  value: number,
  names: readonly string[],
  units: Readonly<Record<string, number>>,
): string | undefined {
  if (value === 0) return undefined;
  return names.find((name) => value % (units[name] ?? 1) === 0);
}
