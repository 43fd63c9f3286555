const ID_BYTES = 16;

/**
 * A name for one message that nobody else gives: 32 hexadecimal digits.
 * Not `crypto.randomUUID`: over plain http that exists on localhost only.
 */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
