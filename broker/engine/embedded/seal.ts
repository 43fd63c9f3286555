// Checksums of records on disk. A sealed record is a packed list whose last field is a checksum
// over the record's key and all bytes before it. A record with a changed bit fails the check, and
// so does an undamaged record under another key. Bytes that pass were packed by this file, so
// unpacking them needs no further checks.

import { crc32 } from 'node:zlib';
import { pack, unpack } from 'msgpackr';
import { checksum, wordAt } from './checksum.ts';

/** Placeholder for the checksum of an unsealed record, packed as a type byte and these four. */
export const UNSEALED = 0xffff_ffff;
const CHECKSUM_BYTES = 4;

/** Writes the checksum into a packed list that ends with `UNSEALED`. Returns the same buffer. */
export function seal(packed: Buffer, key: number): Buffer {
  const end = packed.length - CHECKSUM_BYTES;
  packed.writeUInt32LE(checksum(packed, end, key), end);
  return packed;
}

/** True if these are the bytes that were sealed under this key. */
export function isWhole(record: Buffer, key: number): boolean {
  const end = record.length - CHECKSUM_BYTES;
  // Not with `readUInt32LE`, because lmdb's buffer is longer than its `length` says.
  return end > 0 && wordAt(record, end) >>> 0 === checksum(record, end, key);
}

/** Packs and seals a record with these fields. */
export function packSealed(fields: readonly unknown[], key: number): Buffer {
  return seal(pack([...fields, UNSEALED]), key);
}

/** The fields of a sealed record, and its checksum as the last; `null`: the record is damaged. */
export function unpackSealed(record: Buffer, key: number): unknown[] | null {
  return isWhole(record, key) ? unpack(record) : null;
}

/** Key of a record that is stored under a name: the initial value of its checksum. */
export function nameKey(name: string): number {
  return crc32(name);
}

/** Key of the record at an offset of a stream: the initial value of its checksum. */
export function offsetKey(streamId: number, offset: number): number {
  return (Math.imul(streamId, 0x9e37_79b1) ^ offset ^ (offset / 2 ** 32)) >>> 0;
}
