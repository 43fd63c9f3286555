const ID_BYTES = 16;

/**
 * A unique id for a message: 128 random bits as 32 hexadecimal digits. `crypto.randomUUID` is not
 * used, because over plain HTTP it exists on localhost only.
 */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
