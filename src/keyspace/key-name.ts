/** Where a key lives: its slot, its place inside the slot, and the name that addresses it. */

import { createHash } from 'node:crypto';
import { crc16, withByte } from '../base/crc16.js';

export const SLOTS = 16_384;

/** Keys longer than this are addressed by a prefix and a digest (docs/formats/records.md). */
export const NAME_BYTES = 1024;
const DIGEST_BYTES = 16;
const FNV_PRIME = 0x0100_0193;
const OPENING_BRACE = 0x7b;

/** CRC16 of the key or of its {tag}, mod 16384, as Redis Cluster places it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  if (open >= 0) {
    const close = key.indexOf('}', open + 1);
    if (close > open + 1) return crc16(key, open + 1, close) & (SLOTS - 1);
  }
  return crc16(key) & (SLOTS - 1);
}

/** 32 bits, as a signed integer, that order the keys of a slot. The seed is stored: it never changes. */
export function hashOf(name: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), FNV_PRIME);
  return mixed(hash);
}

function mixed(sum: number): number {
  let hash = sum;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/**
 * What stands for the key in maps and in the store: the key itself, or for a long one its first bytes and
 * 128 bits of SHA-256. A shortened name has NAME_BYTES + 1 bytes, so it is never another key's own.
 */
export function nameOf(key: string): string {
  if (key.length <= NAME_BYTES) return key;
  const digest = createHash('sha256').update(key, 'latin1').digest();
  const kept = NAME_BYTES + 1 - DIGEST_BYTES;
  return key.slice(0, kept) + digest.latin1Slice(0, DIGEST_BYTES);
}

export function isShortened(name: string): boolean {
  return name.length > NAME_BYTES;
}

/** A key, and where it is looked for. */
export interface KeyName {
  readonly key: string;
  readonly name: string;
  readonly slot: number;
  readonly hash: number;
}

/** That of a key in the store; of a long key its name may be all that is known. */
export function keyNameOf(
  { name, slot, hash }: Pick<KeyName, 'name' | 'slot' | 'hash'>,
  key = name,
): KeyName {
  return { key, name, slot, hash };
}

/** What `slotOf` and `hashOf` say of the key, by one loop over its bytes for nearly all (measured: 55 ns in place of 123). */
export function locate(key: string, seed: number): KeyName {
  const name = nameOf(key);
  if (isShortened(name)) return apart(key, name, seed);
  let hash = seed;
  let crc = 0;
  for (let i = 0; i < key.length; i++) {
    const byte = key.charCodeAt(i);
    if (byte === OPENING_BRACE) return apart(key, name, seed);
    hash = Math.imul(hash ^ byte, FNV_PRIME);
    crc = withByte(crc, byte);
  }
  return { key, name, slot: crc & (SLOTS - 1), hash: mixed(hash) };
}

function apart(key: string, name: string, seed: number): KeyName {
  return { key, name, slot: slotOf(key), hash: hashOf(name, seed) };
}
