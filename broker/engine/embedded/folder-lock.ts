// A lock that gives a folder to one process. The holder listens on a Unix socket in the folder: a socket
// that accepts a connection is held, and one that refuses was left behind by a process that is gone. If
// the file of the socket is removed, it protects nothing. On Linux the holder therefore has a second,
// abstract socket that is named after the folder's inode; it works among all processes in one network
// namespace. For other processes, the holder checks the file before each write to the rooms' file.

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
  /** False: the holder before did not release the lock, because it was killed. */
  readonly wasReleased: boolean;
  /**
   * Throws FolderLostError if the folder is no longer held. From then on nothing in it may be written;
   * a lost lock is never regained.
   */
  check(): void;
  /** Throws the error of an earlier `check`, without looking at the folder again. */
  checkAgain(): void;
  /** Releases the lock; files that belong to another holder by now stay. */
  release(): Promise<void>;
}

const FOLDER_MODE = 0o700;
const SOCKET_MODE = 0o600;

/** Locks a folder, and creates it if need be. Rejects with FolderTakenError if it is held. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  // The path of a socket has at most 107 octets, and that of the folder may have more. A path through
  // the folder's descriptor is short.
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

/** False: a socket without a holder was there. Rejects with FolderTakenError if it has a holder. */
async function setLeftAside(path: string, folder: string): Promise<boolean> {
  if (await isHeld(path)) throw new FolderTakenError(folder);
  // Renamed before it is removed, so that a socket that got a holder meanwhile is noticed.
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
    // Closing removes the file at the path, which may be another holder's by now.
    if (!this.#isLost) this.#look();
    const own = this.#isLost ? servers.slice(0, -1) : servers;
    await Promise.all(own.map(closeServer));
    await handle.close();
  }

  #look(): void {
    const file = identityOf(this.#held.path);
    // Without the file the folder is still held by the abstract socket, on systems that have one.
    this.#isLost = file === null ? this.#held.servers.length === 1 : file !== this.#file;
  }
}

/** The identity of a file; `null`: it does not exist. Inode numbers are reused, hence the birth time. */
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
    // Without permission to connect, or with a full backlog, the answer is unknown: assume it is held.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
