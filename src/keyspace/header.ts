/** What stands at a key: its type, its expiry, and either its value or what is known of its collection. */

/** Written to disk: never renumber (docs/formats/records.md). */
export const ValueType = {
  string: 0,
  list: 1,
  set: 2,
  zset: 3,
  hash: 4,
  stream: 5,
  json: 6,
} as const;

export type TypeNumber = (typeof ValueType)[keyof typeof ValueType];

/** `expireAt` of a key that does not expire. */
export const NEVER = 0;

/**
 * Immutable but for `bytes`: a change of a key puts another header in its place, and the old one is the before-image.
 */
export class Header {
  readonly type: TypeNumber;
  /** Milliseconds since 1970, or NEVER. */
  readonly expireAt: number;
  /** Names the `d` records that belong to the key; 0 if it has none. */
  readonly version: number;
  /** Elements of the collection, or bytes of a string in fragments. */
  readonly count: number;
  /** The value, if the key has no version; else what the type notes of its collection. */
  readonly value: string;
  /** The slot under which the `d` records are filed: RENAME changes the key's slot, not theirs. */
  readonly dataSlot: number;
  /** The string was changed in place: Redis would keep it `raw`, however short it is. */
  readonly isRaw: boolean;
  /**
   * Estimated memory of all records of the collection, were they resident. What changes or undoes a record keeps it; another
   * header of the same version takes it over (see Database).
   */
  bytes = 0;

  constructor(fields: HeaderFields) {
    this.type = fields.type;
    this.expireAt = fields.expireAt;
    this.version = fields.version ?? 0;
    this.count = fields.count ?? 0;
    this.value = fields.value ?? '';
    this.dataSlot = fields.dataSlot ?? 0;
    this.isRaw = fields.isRaw ?? false;
  }
}

/** What is left out is 0, empty or false. */
type HeaderFields = Pick<Header, 'type' | 'expireAt'> & Partial<Header>;

/** The header of the same collection, or string in fragments, with another count. */
export function withCount(header: Header, count: number, value: string = header.value): Header {
  const { type, expireAt, version, dataSlot } = header;
  return new Header({ type, expireAt, version, count, value, dataSlot });
}

/** A bare string is the header of a short string that never expires: most keys are one, and it costs nothing. */
export type KeyRecord = string | Header;

export function expireAtOf(record: KeyRecord): number {
  return typeof record === 'string' ? NEVER : record.expireAt;
}

export function versionOf(record: KeyRecord): number {
  return typeof record === 'string' ? 0 : record.version;
}

/** Whether the header says how long the value is, not of how many elements it is made. */
export function countsBytes({ type }: Header): boolean {
  return type === ValueType.string || type === ValueType.json;
}

/** Estimated memory of the records that belong to the key beside its header. */
export function collectionBytes(record: KeyRecord | undefined): number {
  return record instanceof Header ? record.bytes : 0;
}

/** Of a record of the collection of which nothing is known. */
export function meanBytes({ bytes, count }: Header): number {
  return count === 0 ? 0 : Math.floor(bytes / count);
}

export function typeOf(record: KeyRecord): TypeNumber {
  return typeof record === 'string' ? ValueType.string : record.type;
}

/** The record with another expiry, everything else as it was. */
export function withExpiry(record: KeyRecord, expireAt: number): KeyRecord {
  if (typeof record === 'string') return inlineString(record, expireAt);
  const { type, version, count, value, dataSlot, isRaw } = record;
  const isInline = version === 0 && type === ValueType.string;
  if (isInline) return inlineString(value, expireAt, isRaw);
  // By name: a spread would give each of them a shape of its own (CONTRIBUTING.md).
  const fields = { type, expireAt, version, count, value, dataSlot, isRaw };
  return new Header(fields satisfies Omit<Header, 'bytes'>);
}

/** The shortest form of a string value that is kept inline. */
export function inlineString(value: string, expireAt: number, isRaw = false): KeyRecord {
  if (expireAt === NEVER && !isRaw) return value;
  return new Header({ type: ValueType.string, expireAt, value, isRaw });
}

/** True once the record's time has come: the key counts as absent. */
export function isExpired(record: KeyRecord, now: number): boolean {
  const expireAt = expireAtOf(record);
  return expireAt !== NEVER && expireAt <= now;
}
