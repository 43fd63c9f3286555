import { open } from 'node:fs/promises';

/** The names of its files are on disk as well; where a folder cannot be flushed, it need not be. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
