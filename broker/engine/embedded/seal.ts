// Checksums of records on disk. A sealed record is a packed list whose last field is its checksum,
// over the record's key and over all bytes before it. A record with a changed bit does not pass the
// check, and neither does a whole record that is found under another key. Bytes that pass were
// packed here, so that unpacking them needs no further checks.

import { crc32 } from 'node:zlib';
import { pack, unpack } from 'msgpackr';
import { checksum, wordAt } from './checksum.ts';

/** The last field before the record is sealed: always packed as one byte and these four. */
export const UNSEALED = 0xffff_ffff;
const CHECKSUM_BYTES = 4;

/** Writes the checksum into a packed list that ends with `UNSEALED`. Returns the same buffer. */
export function seal(packed: Buffer, key: number): Buffer {
  const end = packed.length - CHECKSUM_BYTES;
  packed.writeUInt32LE(checksum(packed, end, key), end);
  return packed;
}

/** Whether these are the bytes that were sealed under this key. */
export function isWhole(record: Buffer, key: number): boolean {
  const end = record.length - CHECKSUM_BYTES;
  // Not with `readUInt32LE`: a record of the file is a longer buffer with a length of its own.
  return end > 0 && wordAt(record, end) >>> 0 === checksum(record, end, key);
}

/** A sealed record with these fields. */
export function packSealed(fields: readonly unknown[], key: number): Buffer {
  return seal(pack([...fields, UNSEALED]), key);
}

/** The fields of a record, and its checksum after them; `null`: it is damaged. */
export function unpackSealed(record: Buffer, key: number): unknown[] | null {
  return isWhole(record, key) ? unpack(record) : null;
}

/** What a checksum begins with for a record that has a name. */
export function nameKey(name: string): number {
  return crc32(name);
}

/** What a checksum begins with for a record of a stream. One stream or offset more is another key. */
export function offsetKey(streamId: number, offset: number): number {
  return (Math.imul(streamId, 0x9e37_79b1) ^ offset ^ (offset / 2 ** 32)) >>> 0;
}
