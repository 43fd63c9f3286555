// The blocks of a WAL. One names its number, and the checksum of the one before it:
//
//   file:  seal (8) blocks
//   block: seal (8) number (8) length (4) checksum of the block before (4) checksum (4) payload
//
// The seal is the WAL's own and nobody else's, so that no message can look like a block. What
// begins a block that is newer than the end of the chain was flushed after what is missing: then the
// file is damaged, and not merely cut off where the machine stopped.

import { crc32 } from 'node:zlib';

/** Up to where blocks are read, or needed no more: the one before the next, and where that stands. */
export interface LogPosition {
  readonly at: number;
  readonly number: number;
  readonly checksum: number;
}

/** What was written, and the mark after it. */
export interface Block {
  readonly payload: Buffer;
  readonly end: LogPosition;
}

export const SEAL_BYTES = 8;
/** What a block has besides its payload. */
export const HEAD_BYTES = 28;
/** Where a block has its parts. */
const AT = { number: 8, length: 16, before: 20, checksum: 24 } as const;

/** What is before the first block of a new WAL. */
export const WAL_START: LogPosition = { at: SEAL_BYTES, number: 0, checksum: 0 };

/** @param before the mark that it follows */
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

/** The mark after a whole block that stands there. */
export function positionAfter(block: Buffer, at: number): LogPosition {
  const checksum = block.readUInt32LE(AT.checksum);
  return { at: at + block.length, number: numberOf(block), checksum };
}

/** The blocks in what a file has. */
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

  /** Whether there is a block that was written after this mark, wherever. */
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
    // It is at the beginning of the file where there was no room for it at the end; the first servers
    // that had a WAL began it without a seal of its own.
    for (const start of [at, SEAL_BYTES, 0]) {
      const block = this.#at(start);
      if (block === null || numberOf(block) !== number + 1) continue;
      if (block.readUInt32LE(AT.before) !== checksum) continue;
      return { payload: block.subarray(HEAD_BYTES), end: positionAfter(block, start) };
    }
    return null;
  }

  /** `null`: none that is whole. */
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

/** Of all but its own place. */
function checksumOf(block: Buffer): number {
  return crc32(block.subarray(HEAD_BYTES), crc32(block.subarray(0, AT.checksum)));
}
