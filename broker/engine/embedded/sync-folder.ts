import { open } from 'node:fs/promises';

/** Flushes the names of a folder's files. Systems that cannot flush a folder need not. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
