// The envelopes of SockJS (SockJS protocol 0.3.3, "Protocol and framing"): `o` opens, `h` beats,
// `a[…]` carries texts, `c[code,"reason"]` closes; a client sends a JSON array of texts.

const SURROGATE = /[\ud800-\udfff]/;

export const OPEN_ENVELOPE = 'o';
export const HEART_BEAT_ENVELOPE = 'h';

export function messagesEnvelope(texts: readonly string[]): string {
  return `a${JSON.stringify(texts)}`;
}

/** A text, or one of several parts, as it stands between its quotes; octets of it are UTF-8. */
export function insideOfText(...parts: readonly (string | Buffer)[]): string {
  const text = parts.map((part) => wellFormed(part)).join('');
  return JSON.stringify(text).slice(1, -1);
}

/** A text as a receiver of its octets reads it: half a surrogate pair becomes U+FFFD. */
export function wellFormed(text: string | Buffer): string {
  if (typeof text !== 'string') return text.toString('utf8');
  return SURROGATE.test(text) ? Buffer.from(text).toString('utf8') : text;
}

export function closeEnvelope(code: number, reason: string): string {
  return `c${JSON.stringify([code, reason])}`;
}

/** What a client's payload may be; a text alone counts as a list of one. */
export type Payload =
  | { readonly type: 'texts'; readonly texts: readonly string[] }
  | { readonly type: 'broken-json' }
  | { readonly type: 'no-texts' };

/** Reads a payload. Numbers, objects and null are no messages. */
export function parsePayload(payload: string): Payload {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return { type: 'broken-json' };
  }
  const list: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const texts = list.filter((item) => typeof item === 'string');
  return texts.length === list.length ? { type: 'texts', texts } : { type: 'no-texts' };
}
