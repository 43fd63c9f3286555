// The write-ahead log (WAL): a ring of blocks in a file of fixed size. All its bytes are allocated
// on disk before the first block, so that writing a block takes a single flush and changes no
// file-system metadata. After a crash, recovery reads the chain of undamaged blocks from a log
// position on (wal-blocks.ts).

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

/** Tells a WAL apart from that of another store. */
export interface WalIdentity {
  /** The size of its file. */
  readonly bytes: number;
  /** The first bytes of each block, in hex. */
  readonly seal: string;
}

/** On Linux a write returns when its data is on disk (O_DSYNC); elsewhere it needs a flush. */
const IS_FLUSHED_BY_WRITE = process.platform === 'linux';

interface Bounds {
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
  /** The offset of a block that was refused, but that may be on disk; `null`: there is none. */
  #refusedAt: number | null = null;

  private constructor(
    path: string,
    file: FileHandle,
    identity: WalIdentity,
    { released, end }: Bounds,
  ) {
    this.#path = path;
    this.#file = file;
    this.identity = identity;
    this.#seal = Buffer.from(identity.seal, 'hex');
    this.#released = released;
    this.#end = end;
  }

  /** Creates an empty WAL of this size in place of any existing one. */
  static async create(path: string, bytes: number): Promise<WriteAheadLog> {
    const seal = randomBytes(SEAL_BYTES);
    try {
      // Removed, not truncated: the mode of an existing file may let other users read it.
      await rm(path, { force: true });
      await writeFile(path, Buffer.concat([seal], bytes), { flush: true, mode: 0o600 });
      await syncFolder(dirname(path));
      const identity = { bytes, seal: seal.toString('hex') };
      const marks = { released: WAL_START, end: WAL_START };
      return new WriteAheadLog(path, await openBlocks(path), identity, marks);
    } catch (error) {
      // On a full disk, the part that was written would take space from others.
      await rm(path, { force: true });
      throw error;
    }
  }

  /**
   * Opens an existing WAL, and returns the blocks after a log position. Rejects with
   * StoreDamagedError if a block is missing.
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
      // In the first versions with a WAL, the file began with a block or, if unused, with zeros.
      const isUnused =
        released.at === 0 && content.subarray(0, SEAL_BYTES).every((byte) => byte === 0);
      if (!isUnused && !content.subarray(0, SEAL_BYTES).equals(seal)) {
        throw new StoreDamagedError(path, 'it belongs to other rooms');
      }
      const chain = new Chain(content, seal);
      const blocks = chain.after(released);
      const end = blocks.at(-1)?.end ?? released;
      if (chain.hasNewer(end)) throw new StoreDamagedError(path, 'a part of it cannot be read');
      // A copied file may be in the page cache only, and later writes flush just their own data.
      await file.datasync();
      return [new WriteAheadLog(path, file, identity, { released, end }), blocks];
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The log position after the last block. */
  get end(): LogPosition {
    return this.#end;
  }

  /** True if there is room for a payload of so many bytes. */
  fits(length: number): boolean {
    return this.#placeFor(HEAD_BYTES + length) !== null;
  }

  /**
   * Erases a refused block, and rejects if that fails. If it stayed, a restart would read it
   * instead of the blocks that were committed later.
   */
  async forgetRefused(): Promise<void> {
    if (this.#refusedAt === null) return;
    await this.#flush(Buffer.alloc(SEAL_BYTES), this.#refusedAt);
    this.#refusedAt = null;
  }

  /**
   * Writes a payload that fits, and settles when it is on disk. Calls must not overlap, and must
   * follow a `forgetRefused`.
   */
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

  /** Frees the space of all blocks before this log position. */
  release(position: LogPosition): void {
    this.#released = position;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Closes the WAL and removes its file, once nothing in it is needed. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { force: true });
  }

  #placeFor(length: number): number | null {
    const { at, number } = this.#end;
    const { at: from, number: released } = this.#released;
    // The blocks in use run from `released` to `end`, and may wrap around the end of the file.
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
