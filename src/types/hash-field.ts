/**
 * What the record of a hash field holds beside its name: the value, and when the field expires
 * (docs/formats/records.md). Nearly all payloads are the value itself, so that neither a write nor a read copies it.
 */

/** Begins a payload in the long form; a value that begins with it has that form too. */
const LONG_FORM = '\xff';
const NO_TIME = '\0'.repeat(8);
const VALUE_AT = LONG_FORM.length + NO_TIME.length;

/** The payload of a field that does not expire. */
export function encodeField(value: string): string {
  return value.startsWith(LONG_FORM) ? LONG_FORM + NO_TIME + value : value;
}

/** The value in a payload. */
export function fieldValue(payload: string): string {
  return payload.startsWith(LONG_FORM) ? payload.slice(VALUE_AT) : payload;
}
