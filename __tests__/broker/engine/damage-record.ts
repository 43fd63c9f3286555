import { join } from 'node:path';
import { open } from 'lmdb';

type Key = number | readonly [number, number];

/** Flips a bit of a record in the file of a store that nobody has open. */
export async function damageRecord(
  folder: string,
  database: 'facts' | 'messages' | 'streams' | 'terms',
  key: Key | string,
  bit = 0,
): Promise<void> {
  const root = open({ path: join(folder, 'rooms.mdb'), noSubdir: true, maxDbs: 8 });
  const keyEncoding = database === 'messages' ? 'ordered-binary' : 'binary';
  const records = root.openDB<Buffer, Buffer | [number, number]>({
    name: database,
    encoding: 'binary',
    keyEncoding,
  });
  const place = typeof key === 'object' ? ([key[0], key[1]] as [number, number]) : bytesOf(key);
  const record = Buffer.from(records.get(place) ?? Buffer.alloc(0));
  record[bit >> 3] = (record[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  await records.put(place, record);
  await root.close();
}

/** Puts the record of one position at another. */
export async function moveRecord(
  folder: string,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const root = open({ path: join(folder, 'rooms.mdb'), noSubdir: true, maxDbs: 8 });
  const records = root.openDB<Buffer, [number, number]>({ name: 'messages', encoding: 'binary' });
  await records.put([...to], Buffer.from(records.get([...from]) ?? Buffer.alloc(0)));
  await root.close();
}

function bytesOf(key: number | string): Buffer {
  if (typeof key === 'string') return Buffer.from(key);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(key);
  return bytes;
}
