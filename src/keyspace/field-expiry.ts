/**
 * When fields of a hash expire, as the header and the names of its records tell (docs/formats/records.md). The
 * expiry index has the first time of each hash beside the times of the keys.
 */

import { expireAtOf, type KeyRecord, NEVER, ValueType } from './header.js';

/** Tables (docs/formats/records.md). */
export const HASH_FIELDS = 2;
export const HASH_EXPIRIES = 11;
const FIELDS = String.fromCharCode(HASH_FIELDS);
const EXPIRIES = String.fromCharCode(HASH_EXPIRIES);
const TIME_BYTES = 8;

/** Flags in the first byte of the value in a hash's header. Never renumber. */
export const HashFlag = { large: 0x01, expires: 0x02, hasExpired: 0x04 } as const;

/** The flags in the value of a hash's header. */
export function hashFlags(value: string): number {
  return value === '' ? 0 : value.charCodeAt(0);
}

/** The value of a hash's header; `expireAt` is NEVER or not after the first time of a field. */
export function hashAbout(flags: number, expireAt: number): string {
  if (expireAt !== NEVER) {
    const all = flags | HashFlag.expires | HashFlag.hasExpired;
    return String.fromCharCode(all) + encodeTime(expireAt);
  }
  const left = flags & ~HashFlag.expires;
  return left === 0 ? '' : String.fromCharCode(left);
}

/** The time before which no field of the hash in the record expires; NEVER if none does, or it is no hash. */
export function fieldExpiryOf(record: KeyRecord): number {
  if (typeof record === 'string' || record.type !== ValueType.hash) return NEVER;
  return hashFlags(record.value) & HashFlag.expires ? decodeTime(record.value, 1) : NEVER;
}

/** When something is to be done about the record: it expires, or a field of it; NEVER if neither. */
export function dueAt(record: KeyRecord): number {
  const expireAt = expireAtOf(record);
  const fieldAt = fieldExpiryOf(record);
  if (fieldAt === NEVER) return expireAt;
  return expireAt === NEVER ? fieldAt : Math.min(expireAt, fieldAt);
}

/** What the record is called that says when a field expires; `name` is what the field's own is called. */
export function fieldExpiryName(at: number, name: string): string {
  return EXPIRIES + encodeTime(at) + name.slice(FIELDS.length);
}

/** The time in such a name, and what the field's record is called. */
export function parseFieldExpiryName(name: string): { at: number; field: string } {
  const at = decodeTime(name, EXPIRIES.length);
  return { at, field: FIELDS + name.slice(EXPIRIES.length + TIME_BYTES) };
}

/** Bounds of the names of records with times before `until`. */
export function fieldExpiriesBefore(until: number): { from: string; to: string } {
  return { from: EXPIRIES, to: EXPIRIES + encodeTime(until) };
}

/** Eight bytes, in the order of time. */
export function encodeTime(at: number): string {
  const bytes = Buffer.allocUnsafe(TIME_BYTES);
  bytes.writeUInt32BE(Math.floor(at / 0x1_0000_0000), 0);
  bytes.writeUInt32BE(at >>> 0, 4);
  return bytes.latin1Slice(0, TIME_BYTES);
}

export function decodeTime(text: string, from: number): number {
  let at = 0;
  for (let i = from; i < from + TIME_BYTES; i++) at = at * 256 + text.charCodeAt(i);
  return at;
}
