// A ring of blocks in a file of a fixed size, whose bytes are all on disk before the first block: so
// writing one is a single flush, and nothing of the file system has to be written besides. What is
// read after a crash is the chain of them from a mark on, as far as it is whole (WAL-blocks.ts).

import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StoreDamagedError } from './store-check.ts';
import { syncFolder } from './sync-folder.ts';
import {
  type Block,
  Chain,
  encodeBlock,
  HEAD_BYTES,
  type LogPosition,
  positionAfter,
  SEAL_BYTES,
  WAL_START,
} from './wal-blocks.ts';

/** Which WAL it is. */
export interface WalIdentity {
  /** The size of its file. */
  readonly bytes: number;
  /** What its blocks begin with, in hex. */
  readonly seal: string;
}

/** One write, and what it writes is on disk when it is done; elsewhere that takes a call of its own. */
const IS_FLUSHED_BY_WRITE = process.platform === 'linux';

interface Marks {
  readonly released: LogPosition;
  readonly end: LogPosition;
}

export class WriteAheadLog {
  readonly identity: WalIdentity;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #seal: Buffer;
  #end: LogPosition;
  #released: LogPosition;
  /** Where a block stands that was refused, and may be on disk all the same. */
  #refusedAt: number | null = null;

  private constructor(path: string, file: FileHandle, identity: WalIdentity, marks: Marks) {
    this.#path = path;
    this.#file = file;
    this.identity = identity;
    this.#seal = Buffer.from(identity.seal, 'hex');
    this.#released = marks.released;
    this.#end = marks.end;
  }

  /** Makes an empty one of this size, in the place of any that is there. */
  static async create(path: string, bytes: number): Promise<WriteAheadLog> {
    const seal = randomBytes(SEAL_BYTES);
    try {
      // One that is there may be open to more readers than its owner.
      await rm(path, { force: true });
      await writeFile(path, Buffer.concat([seal], bytes), { flush: true, mode: 0o600 });
      await syncFolder(dirname(path));
      const identity = { bytes, seal: seal.toString('hex') };
      const marks = { released: WAL_START, end: WAL_START };
      return new WriteAheadLog(path, await openBlocks(path), identity, marks);
    } catch (error) {
      // On a full disk what was written of it is somebody else's room.
      await rm(path, { force: true });
      throw error;
    }
  }

  /**
   * Opens the one that was made, and gives what was written after a mark. Rejects with
   * StoreDamagedError if that cannot be read as a whole.
   */
  static async read(
    path: string,
    identity: WalIdentity,
    released: LogPosition,
  ): Promise<[WriteAheadLog, Block[]]> {
    const file = await openBlocks(path).catch((error: unknown) => {
      throw new StoreDamagedError(path, `it cannot be opened (${String(error)})`);
    });
    try {
      const content = await file.readFile();
      if (content.length !== identity.bytes) {
        throw new StoreDamagedError(path, 'it is not of its size');
      }
      const seal = Buffer.from(identity.seal, 'hex');
      // The first servers that had a WAL began it with a block, or with nothing.
      const isUnused =
        released.at === 0 && content.subarray(0, SEAL_BYTES).every((byte) => byte === 0);
      if (!isUnused && !content.subarray(0, SEAL_BYTES).equals(seal)) {
        throw new StoreDamagedError(path, 'it belongs to other rooms');
      }
      const chain = new Chain(content, seal);
      const blocks = chain.after(released);
      const end = blocks.at(-1)?.end ?? released;
      if (chain.hasNewer(end)) throw new StoreDamagedError(path, 'a part of it cannot be read');
      // A copy may be in memory only, and what is written later flushes nothing but itself.
      await file.datasync();
      return [new WriteAheadLog(path, file, identity, { released, end }), blocks];
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The mark after what was written last. */
  get end(): LogPosition {
    return this.#end;
  }

  /** Whether there is room for a payload of so many bytes. */
  fits(length: number): boolean {
    return this.#placeFor(HEAD_BYTES + length) !== null;
  }

  /**
   * Rejects as long as a block may be on disk that was refused: after a restart it would be found,
   * and what was committed since would not follow it.
   */
  async forgetRefused(): Promise<void> {
    if (this.#refusedAt === null) return;
    await this.#flush(Buffer.alloc(SEAL_BYTES), this.#refusedAt);
    this.#refusedAt = null;
  }

  /** Settles when it is on disk. One at a time, only what fits, and after `forgetRefused`. */
  async write(payload: Buffer): Promise<void> {
    const at = this.#placeFor(HEAD_BYTES + payload.length);
    if (at === null) throw new Error('the write-ahead log has no room');
    const block = encodeBlock(this.#seal, payload, this.#end);
    try {
      await this.#flush(block, at);
    } catch (error) {
      this.#refusedAt = at;
      await this.forgetRefused().catch(() => undefined);
      throw error;
    }
    this.#end = positionAfter(block, at);
  }

  /** What was written up to this mark is needed no more. */
  release(position: LogPosition): void {
    this.#released = position;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Closes it for good: there is nothing in it that is needed. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  #placeFor(length: number): number | null {
    const { at, number } = this.#end;
    const { at: from, number: released } = this.#released;
    // What is in use goes from the one to the other, over the end of the file perhaps.
    const goesRound = number !== released && at <= from;
    if (goesRound) return at + length <= from ? at : null;
    if (at + length <= this.identity.bytes) return at;
    return SEAL_BYTES + length <= from ? SEAL_BYTES : null;
  }

  async #flush(bytes: Buffer, at: number): Promise<void> {
    const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, at);
    if (bytesWritten !== bytes.length)
      throw new Error('the write-ahead log was not written as a whole');
    if (!IS_FLUSHED_BY_WRITE) await this.#file.datasync();
  }
}

function openBlocks(path: string): Promise<FileHandle> {
  return open(path, IS_FLUSHED_BY_WRITE ? constants.O_RDWR | constants.O_DSYNC : 'r+');
}
