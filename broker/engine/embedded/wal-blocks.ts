// The blocks of a write-ahead log (WAL). Each has a number and the checksum of the one before it:
//
//   file:  seal (8) blocks
//   block: seal (8) number (8) length (4) checksum of the block before (4) checksum (4) payload
//
// The seal is random and unique to the WAL, so that no message can look like a block. A block that
// is newer than the end of the chain was flushed after a block that is now missing, which proves
// that the file is damaged, and not merely cut off by a crash.

import { crc32 } from 'node:zlib';

/** A log position: the offset of the next block, and number and checksum of the one before it. */
export interface LogPosition {
  readonly at: number;
  readonly number: number;
  readonly checksum: number;
}

/** The payload of a block, and the log position after it. */
export interface Block {
  readonly payload: Buffer;
  readonly end: LogPosition;
}

export const SEAL_BYTES = 8;
/** The bytes of a block before its payload. */
export const HEAD_BYTES = 28;
/** The offsets of the fields in a block. */
const AT = { number: 8, length: 16, before: 20, checksum: 24 } as const;

/** The log position before the first block. */
export const WAL_START: LogPosition = { at: SEAL_BYTES, number: 0, checksum: 0 };

/** @param before the log position of the new block */
export function encodeBlock(seal: Buffer, payload: Buffer, before: LogPosition): Buffer {
  const block = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  seal.copy(block);
  block.writeBigUInt64LE(BigInt(before.number + 1), AT.number);
  block.writeUInt32LE(payload.length, AT.length);
  block.writeUInt32LE(before.checksum, AT.before);
  payload.copy(block, HEAD_BYTES);
  block.writeUInt32LE(checksumOf(block), AT.checksum);
  return block;
}

/** The log position after an undamaged block at this offset of the file. */
export function positionAfter(block: Buffer, at: number): LogPosition {
  const checksum = block.readUInt32LE(AT.checksum);
  return { at: at + block.length, number: numberOf(block), checksum };
}

/** Reads chains of blocks from the content of a WAL. */
export class Chain {
  readonly #content: Buffer;
  readonly #seal: Buffer;

  constructor(content: Buffer, seal: Buffer) {
    this.#content = content;
    this.#seal = seal;
  }

  after(position: LogPosition): Block[] {
    const blocks: Block[] = [];
    for (let next = this.#next(position); next !== null; next = this.#next(next.end))
      blocks.push(next);
    return blocks;
  }

  /** True if any block in the file is newer than this log position. */
  hasNewer({ number }: LogPosition): boolean {
    const content = this.#content;
    for (
      let at = content.indexOf(this.#seal);
      at !== -1;
      at = content.indexOf(this.#seal, at + 1)
    ) {
      const block = this.#at(at);
      if (block !== null && numberOf(block) > number) return true;
    }
    return false;
  }

  #next({ at, checksum, number }: LogPosition): Block | null {
    // A block that does not fit at the end of the file wraps to the beginning, after the file's
    // seal; the first versions with a WAL had no such seal.
    for (const start of [at, SEAL_BYTES, 0]) {
      const block = this.#at(start);
      if (block === null || numberOf(block) !== number + 1) continue;
      if (block.readUInt32LE(AT.before) !== checksum) continue;
      return { payload: block.subarray(HEAD_BYTES), end: positionAfter(block, start) };
    }
    return null;
  }

  /** The block at this offset of the file; `null`: there is none, or it is damaged. */
  #at(at: number): Buffer | null {
    const rest = this.#content.subarray(at);
    if (rest.length < HEAD_BYTES || !rest.subarray(0, SEAL_BYTES).equals(this.#seal)) return null;
    const length = HEAD_BYTES + rest.readUInt32LE(AT.length);
    if (rest.length < length) return null;
    const block = rest.subarray(0, length);
    return block.readUInt32LE(AT.checksum) === checksumOf(block) ? block : null;
  }
}

function numberOf(block: Buffer): number {
  return Number(block.readBigUInt64LE(AT.number));
}

/** The checksum over all of a block except the checksum field itself. */
function checksumOf(block: Buffer): number {
  return crc32(block.subarray(HEAD_BYTES), crc32(block.subarray(0, AT.checksum)));
}
