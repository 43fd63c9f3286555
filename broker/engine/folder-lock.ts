// One process on a folder. Whoever has it listens on a Unix socket in it: a socket that takes a
// connection is held, one that refuses it was left behind by a process that is gone.

import { mkdir, open as openFile, rename, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const NAME = 'lock';

/** Another process has the folder. */
export class FolderTakenError extends Error {
  constructor(folder: string) {
    super(`${folder} is in use by another process`);
    this.name = 'FolderTakenError';
  }
}

export interface FolderLock {
  /** False: whoever had it before did not let go of it, as a process that is killed does not. */
  readonly wasReleased: boolean;
  release(): Promise<void>;
}

/** Makes the folder if it is not there, and holds it. Rejects with FolderTakenError if it is held. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  // The path of a socket may be 107 octets long, and that of a folder longer: through its
  // descriptor it is short.
  const handle = await openFile(folder, 'r');
  const short = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : folder;
  const path = join(short, NAME);
  try {
    if (await isHeld(path)) throw new FolderTakenError(folder);
    // Set aside before it is removed, so that one that came to life meanwhile is noticed.
    const aside = join(short, `${NAME}-${process.pid}-${Date.now()}`);
    const wasLeft = await rename(path, aside).then(
      () => true,
      () => false,
    );
    if (wasLeft && (await isHeld(aside))) {
      await rename(aside, path);
      throw new FolderTakenError(folder);
    }
    if (wasLeft) await rm(aside, { force: true });
    const server = await listen(path, folder);
    return {
      wasReleased: !wasLeft,
      async release() {
        // Closing removes the socket's file as well.
        await new Promise((resolve) => server.close(resolve));
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function listen(path: string, folder: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
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
