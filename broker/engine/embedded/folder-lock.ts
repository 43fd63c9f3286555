// One process on a folder. Whoever has it listens on a Unix socket in it: a socket that takes a
// connection is held, one that refuses it was left behind by a process that is gone. The socket's
// file may be removed while it is held, and then says nothing. On Linux the holder has a second
// socket, without a file, that is named after the folder's own number; it holds among all processes
// that share a network. For the others, the holder looks at the file before it writes the rooms' file.

import { statSync } from 'node:fs';
import { chmod, type FileHandle, mkdir, open as openFile, rename, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';

const NAME = 'lock';

/** Another process has the folder. */
export class FolderTakenError extends Error {
  constructor(folder: string) {
    super(`${folder} is in use by another process`);
    this.name = 'FolderTakenError';
  }
}

/** The folder was held, and another process may have it now. */
export class FolderLostError extends Error {
  constructor(folder: string) {
    super(`${folder} is no longer held: its lock was removed, and another process may have it`);
    this.name = 'FolderLostError';
  }
}

export interface FolderLock {
  /** False: whoever had it before did not let go of it, as a process that is killed does not. */
  readonly wasReleased: boolean;
  /**
   * Throws FolderLostError if the folder is no longer held. Nothing in it is to be written from then
   * on, nor is it ever held again.
   */
  check(): void;
  /** Throws what `check` found before, without another look at the folder. */
  checkAgain(): void;
  /** What belongs to another holder by now is left alone. */
  release(): Promise<void>;
}

const FOLDER_MODE = 0o700;
const SOCKET_MODE = 0o600;

/** Makes the folder if it is not there, and holds it. Rejects with FolderTakenError if it is held. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  // The path of a socket may be 107 octets long, and that of a folder longer: through its
  // descriptor it is short.
  const handle = await openFile(folder, 'r');
  const short = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : folder;
  const servers: Server[] = [];
  try {
    const { dev, ino } = await handle.stat({ bigint: true });
    if (process.platform === 'linux') {
      servers.push(await listen(`\0stomping-ground ${dev} ${ino}`, folder));
    }
    const path = join(short, NAME);
    const wasReleased = await setLeftAside(path, folder);
    servers.push(await listen(path, folder));
    await chmod(path, SOCKET_MODE);
    return new HeldFolder({ folder, handle, path, servers, wasReleased });
  } catch (error) {
    await Promise.all(servers.map(closeServer));
    await handle.close();
    throw error;
  }
}

/** False: a socket was there that nobody held. Rejects with FolderTakenError if somebody does. */
async function setLeftAside(path: string, folder: string): Promise<boolean> {
  if (await isHeld(path)) throw new FolderTakenError(folder);
  // Set aside before it is removed, so that one that came to life meanwhile is noticed.
  const aside = `${path}-${process.pid}-${Date.now()}`;
  const wasLeft = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (wasLeft && (await isHeld(aside))) {
    await rename(aside, path);
    throw new FolderTakenError(folder);
  }
  if (wasLeft) await rm(aside, { force: true });
  return !wasLeft;
}

interface Held {
  readonly folder: string;
  readonly handle: FileHandle;
  readonly path: string;
  readonly servers: readonly Server[];
  readonly wasReleased: boolean;
}

class HeldFolder implements FolderLock {
  readonly #held: Held;
  readonly #file: string | null;
  #isLost = false;

  constructor(held: Held) {
    this.#held = held;
    this.#file = identityOf(held.path);
  }

  get wasReleased(): boolean {
    return this.#held.wasReleased;
  }

  check(): void {
    if (!this.#isLost) this.#look();
    this.checkAgain();
  }

  checkAgain(): void {
    if (this.#isLost) throw new FolderLostError(this.#held.folder);
  }

  async release(): Promise<void> {
    const { handle, servers } = this.#held;
    // Closing removes whatever file is there by then, which may be another holder's.
    if (!this.#isLost) this.#look();
    const own = this.#isLost ? servers.slice(0, -1) : servers;
    await Promise.all(own.map(closeServer));
    await handle.close();
  }

  #look(): void {
    const file = identityOf(this.#held.path);
    // Without a file the folder is still held by the socket that has none, where there is one.
    this.#isLost = file === null ? this.#held.servers.length === 1 : file !== this.#file;
  }
}

/** Which file is there; `null`: none is. Numbers of files that are gone are given again. */
function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

async function listen(path: string, folder: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } catch (error) {
    if (isNativeError(error) && 'code' in error && error.code === 'EADDRINUSE') {
      throw new FolderTakenError(folder);
    }
    throw error;
  }
  server.unref();
  return server;
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Whoever may not ask, or finds too many who do, does not know: it is as good as held.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
