/** Memory overhead of a header beside its octets: the pair, and its slot in the list. */
const HEADER_BYTES = 64;

/** Size of a message, body and headers, as byte limits count it. */
export function octetsOf({
  body,
  headers,
}: {
  readonly body: { readonly length: number };
  readonly headers: readonly (readonly [name: string, value: string])[];
}): number {
  let bytes = body.length;
  for (const [name, value] of headers) bytes += HEADER_BYTES + name.length + value.length;
  return bytes;
}
