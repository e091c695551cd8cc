/** What stands at a key: its type, its expiry, and either its value or what is known of its collection. */

/** Written to disk and sent in DUMP's place in the map: never renumber (docs/formats/records.md). */
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

/** Immutable: a change of a key puts another header in its place, and the old one is the before-image. */
export class Header {
  readonly type: TypeNumber;
  /** Milliseconds since 1970, or NEVER. */
  readonly expireAt: number;
  /** Names the `d` records that belong to the key; 0 if it has none. */
  readonly version: number;
  /** Elements of the collection, or bytes of a string in fragments. */
  readonly count: number;
  /** The value, if the key has no version. */
  readonly value: string;
  /** The slot under which the `d` records are filed: RENAME changes the key's slot, not theirs. */
  readonly dataSlot: number;
  /** The string was changed in place: Redis would keep it `raw`, however short it is. */
  readonly isRaw: boolean;

  constructor(
    type: TypeNumber,
    expireAt: number,
    version: number,
    count: number,
    value: string,
    dataSlot = 0,
    isRaw = false,
  ) {
    this.type = type;
    this.expireAt = expireAt;
    this.version = version;
    this.count = count;
    this.value = value;
    this.dataSlot = dataSlot;
    this.isRaw = isRaw;
  }
}

/** A bare string is the header of a short string that never expires: most keys are one, and it costs nothing. */
export type KeyRecord = string | Header;

export function expireAtOf(record: KeyRecord): number {
  return typeof record === 'string' ? NEVER : record.expireAt;
}

export function versionOf(record: KeyRecord): number {
  return typeof record === 'string' ? 0 : record.version;
}

export function typeOf(record: KeyRecord): TypeNumber {
  return typeof record === 'string' ? ValueType.string : record.type;
}

/** The record with another expiry, everything else as it was. */
export function withExpiry(record: KeyRecord, expireAt: number): KeyRecord {
  if (typeof record !== 'string') {
    const { type, version, count, value, dataSlot, isRaw } = record;
    if (version === 0 && type === ValueType.string) return inlineString(value, expireAt, isRaw);
    return new Header(type, expireAt, version, count, value, dataSlot, isRaw);
  }
  return inlineString(record, expireAt);
}

/** The shortest form of a string value that is kept inline. */
export function inlineString(value: string, expireAt: number, isRaw = false): KeyRecord {
  if (expireAt === NEVER && !isRaw) return value;
  return new Header(ValueType.string, expireAt, 0, 0, value, 0, isRaw);
}

/** True once the record's time has come: the key counts as absent. */
export function isExpired(record: KeyRecord, now: number): boolean {
  const expireAt = expireAtOf(record);
  return expireAt !== NEVER && expireAt <= now;
}
