import { crc32 } from 'node:zlib';

/** Up to this size a call out of JavaScript costs more than the sum itself. */
const MIXED_BYTES_MAX = 1_024;

/**
 * A checksum of 32 bits over the first `end` bytes and a key. Another key has another sum for the same
 * bytes, and so have bytes that differ in one place of up to four; all else collides by chance only.
 */
export function checksum(bytes: Buffer, end: number, key: number): number {
  if (end <= MIXED_BYTES_MAX) return mixed(bytes, end, key);
  return crc32(bytes.subarray(0, end), key);
}

/**
 * Two sums side by side, of words that alternate. Each step maps one sum to another one, and no two
 * to the same, whatever is added: so a difference in one word is never lost.
 */
function mixed(bytes: Buffer, end: number, key: number): number {
  let one = key | 0;
  let other = 0x2545_f491 ^ end;
  let at = 0;
  for (; at + 8 <= end; at += 8) {
    one = Math.imul(one ^ wordAt(bytes, at), 0x9e37_79b1);
    one ^= one >>> 15;
    other = Math.imul(other ^ wordAt(bytes, at + 4), 0x85eb_ca6b);
    other ^= other >>> 13;
  }
  for (; at < end; at += 1) {
    one = Math.imul(one ^ (bytes[at] ?? 0), 0x9e37_79b1);
    one ^= one >>> 15;
  }
  one ^= other;
  one = Math.imul(one ^ (one >>> 16), 0x85eb_ca6b);
  return (one ^ (one >>> 13)) >>> 0;
}

/** Four bytes, the low one first. Faster than `readInt32LE`, which checks its bounds. */
export function wordAt(bytes: Buffer, at: number): number {
  const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
