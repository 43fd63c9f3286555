// Checksums of records on disk. A sealed record is a packed list whose last field is a checksum over
// the record's key and all bytes before it. A record with a changed bit fails the check, and so does an
// undamaged record under another key. Bytes that pass were packed by this file, so unpacking them needs
// no further checks.

import { crc32 } from 'node:zlib';
import { pack, unpack } from 'msgpackr';
import { checksum, wordAt } from './checksum.ts';

/** The last field of a record that is not sealed yet: it is packed as one byte and these four. */
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

/** A sealed record with these fields. */
export function packSealed(fields: readonly unknown[], key: number): Buffer {
  return seal(pack([...fields, UNSEALED]), key);
}

/** The fields of a record, followed by its checksum; `null`: the record is damaged. */
export function unpackSealed(record: Buffer, key: number): unknown[] | null {
  return isWhole(record, key) ? unpack(record) : null;
}

/** The initial value of a checksum for a record under a name. */
export function nameKey(name: string): number {
  return crc32(name);
}

/** The initial value of a checksum for a record of a stream at an offset. */
export function offsetKey(streamId: number, offset: number): number {
  return (Math.imul(streamId, 0x9e37_79b1) ^ offset ^ (offset / 2 ** 32)) >>> 0;
}
