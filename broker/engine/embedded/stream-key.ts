/** The key of a stream in the rooms' file. */
export function keyOf(streamId: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(streamId);
  return key;
}

/** The stream number in a key; 0, which no stream has: the key is damaged. */
export function idOf(key: Uint8Array): number {
  return key.length === 4 ? Buffer.from(key).readUInt32BE() : 0;
}
