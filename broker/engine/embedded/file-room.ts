// Room at the end of the rooms' file, on disk before LMDB writes into it. A write that fails inside of
// LMDB may end the process: lmdb-js formats a message about it that is longer than the memory it
// takes for that. So a full disk, a limit on the size of files, or one that refuses writes must be
// found out here, where it is only an error. What remains is a disk that begins to refuse writes in the
// middle of a transaction; what was receipted is in the WAL then, and the next start reads it.

import { type FileHandle, open } from 'node:fs/promises';

const PAGE_BYTES = 4_096;
/** What is made at once beyond what is asked for, so that few checkpoints wait for it. */
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
   * Makes sure that so many bytes can be written after `end`, from where on the file holds nothing.
   * Rejects with what the system says. Nobody may write the file meanwhile.
   */
  async ensure(end: number, bytes: number): Promise<void> {
    const { size } = await this.#file.stat();
    if (end + bytes <= size) {
      // Nothing needs room, but a disk that takes no writes at all is noticed.
      await this.#fill(Math.max(end, size - PAGE_BYTES), size);
      return;
    }
    const { least, most, partOfFile } = AHEAD;
    const ahead = Math.min(Math.max(least, size * partOfFile), most);
    await this.#fill(Math.max(end, size), end + bytes + Math.ceil(ahead));
    // Some file systems find out only now that there is no room.
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
