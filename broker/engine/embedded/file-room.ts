// Reserves space at the end of the rooms' file, on disk, before LMDB writes into it. A write that fails
// inside of LMDB may end the process, because lmdb-js formats a message that overruns its buffer. So a
// full disk, a limit on file sizes and a disk that refuses writes are detected here, where each is only
// an error. A disk that begins to refuse writes in the middle of a transaction is not detected; all
// receipted messages are in the write-ahead log then, and the next start reads them.

import { type FileHandle, open } from 'node:fs/promises';

const PAGE_BYTES = 4_096;
/** The space that is reserved beyond the need, so that few checkpoints wait for a reservation. */
const AHEAD = { least: 256 * 1_024, most: 4 * 1_024 * 1_024, partOfFile: 1 / 8 } as const;
const ZEROS = Buffer.alloc(256 * 1_024);

export class FileRoom {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<FileRoom> {
    return new FileRoom(await open(path, 'r+'));
  }

  /**
   * Reserves so many bytes after `end`, the end of the pages in use. Rejects with the error of the
   * system. The file must not be written meanwhile.
   */
  async ensure(end: number, bytes: number): Promise<void> {
    const { size } = await this.#file.stat();
    if (end + bytes <= size) {
      // The space is there, but a disk that refuses all writes is to be noticed.
      await this.#fill(Math.max(end, size - PAGE_BYTES), size);
      return;
    }
    const { least, most, partOfFile } = AHEAD;
    const ahead = Math.min(Math.max(least, size * partOfFile), most);
    await this.#fill(Math.max(end, size), end + bytes + Math.ceil(ahead));
    // Some file systems report only now that there is no space.
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #fill(from: number, to: number): Promise<void> {
    let at = from;
    while (at < to) {
      const length = Math.min(ZEROS.length, to - at);
      const { bytesWritten } = await this.#file.write(ZEROS, 0, length, at);
      if (bytesWritten === 0) throw new Error('the file cannot grow');
      at += bytesWritten;
    }
  }
}
