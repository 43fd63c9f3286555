// The envelopes of SockJS (SockJS protocol 0.3.3, "Protocol and framing"): `o` opens, `h` beats,
// `a[…]` carries texts, `c[code,"reason"]` closes; a client sends a JSON array of texts.

const SURROGATE = /[\ud800-\udfff]/;

export const OPEN_ENVELOPE = 'o';
export const HEART_BEAT_ENVELOPE = 'h';

export function messagesEnvelope(texts: readonly string[]): string {
  return `a${JSON.stringify(texts)}`;
}

/**
 * Encodes a text, or a part of one, for the place between its quotes; octets are taken as UTF-8.
 */
export function insideOfText(...parts: readonly (string | Buffer)[]): string {
  const text = parts.map((part) => wellFormed(part)).join('');
  return JSON.stringify(text).slice(1, -1);
}

/** A text as its octets will be decoded: half a surrogate pair becomes U+FFFD. */
export function wellFormed(text: string | Buffer): string {
  if (typeof text !== 'string') return text.toString('utf8');
  return SURROGATE.test(text) ? Buffer.from(text).toString('utf8') : text;
}

export function closeEnvelope(code: number, reason: string): string {
  return `c${JSON.stringify([code, reason])}`;
}

/** A parsed payload of a client; a text alone counts as a list of one. */
export type Payload =
  | { readonly type: 'texts'; readonly texts: readonly string[] }
  | { readonly type: 'broken-json' }
  | { readonly type: 'no-texts' };

/** Payloads up to this size are parsed without a check: they cannot hold many texts. */
const PARSED_AT_ONCE = 16 * 1_024;
/** The most texts in a payload; a million would take a third of a second to parse. */
const TEXTS_MAX = 8_192;
/** Characters between two texts of a list: a comma, and white space. */
const BETWEEN_MAX = 64;
const QUOTE = '"';
const BACKSLASH = 92;

/** Parses a payload. Numbers, objects and null are not messages. */
export function parsePayload(payload: string): Payload {
  if (payload.length > PARSED_AT_ONCE && !isListOfFew(payload)) return { type: 'broken-json' };
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

/**
 * Checks, before it is parsed, that a large payload consists of texts and of no more than allowed.
 */
function isListOfFew(payload: string): boolean {
  let at = 0;
  for (let texts = 0; texts <= TEXTS_MAX; texts += 1) {
    const start = payload.indexOf(QUOTE, at);
    const end = start === -1 ? payload.length : start;
    if (end - at > BETWEEN_MAX) return false;
    if (start === -1) return true;
    at = endOfText(payload, start + 1);
  }
  return false;
}

/** The index after the quote that ends a text. */
function endOfText(payload: string, start: number): number {
  for (let from = start; ; ) {
    const quote = payload.indexOf(QUOTE, from);
    if (quote === -1) return payload.length;
    let first = quote;
    while (first > start && payload.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    // An even number of backslashes leaves the quote unescaped.
    if ((quote - first) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}
