/** What a header costs besides its octets: a list of two, and its place among the others. */
const HEADER_BYTES = 64;

/** What a message counts where bytes are bounded: its body and its headers. */
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
