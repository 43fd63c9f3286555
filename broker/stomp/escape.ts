import { ProtocolError } from './errors.ts';
import type { StompVersion } from './version.ts';

const DECODED_12: Readonly<Record<string, string>> = { '\\': '\\', c: ':', n: '\n', r: '\r' };
const DECODED_11: Readonly<Record<string, string>> = { '\\': '\\', c: ':', n: '\n' };
const ENCODED_12: Readonly<Record<string, string>> = {
  '\0': ' ',
  '\\': '\\\\',
  ':': '\\c',
  '\n': '\\n',
  '\r': '\\r',
};
const ENCODED_11: Readonly<Record<string, string>> = {
  '\0': ' ',
  '\\': '\\\\',
  ':': '\\c',
  '\n': '\\n',
};

/**
 * A header name or value as it was meant. One pass from left to right: replacing one escape
 * after the other would take the `\n` in `\\n` for a line feed.
 *
 * STOMP 1.2, "Value Encoding": undefined escape sequences are a fatal protocol error. It carries
 * the receipt id.
 */
export function unescapeHeader(
  text: string,
  version: StompVersion | null,
  receiptId?: string,
): string {
  if (version === '1.0' || !text.includes('\\')) return text;
  const decoded = version === '1.1' ? DECODED_11 : DECODED_12;
  return text.replace(/\\([\s\S]?)/g, (sequence, letter: string) => {
    const character = decoded[letter];
    if (character === undefined) {
      throw new ProtocolError('UNDEFINED_ESCAPE', sequence, receiptId);
    }
    return character;
  });
}

/**
 * A header name or value as it goes on the wire. 1.1 has no escape for a carriage return, which
 * is plain data there. 1.0 has none at all: what would end the line becomes a space. So does a
 * NUL in any version, as clients that cut their input at every NUL take it for the frame's end.
 */
export function escapeHeader(text: string, version: StompVersion): string {
  if (version === '1.0') return /[\0\n\r]/.test(text) ? text.replace(/[\0\n\r]/g, ' ') : text;
  if (!/[\0\\:\n\r]/.test(text)) return text;
  const encoded = version === '1.1' ? ENCODED_11 : ENCODED_12;
  return text.replace(/[\0\\:\n\r]/g, (character) => encoded[character] ?? character);
}

/** A 1.0 name or value without its padding: spaces and tabs, as a CR is data there. */
export function unpadHeader(text: string): string {
  let [start, end] = [0, text.length];
  while (isPadding(text[start])) start += 1;
  while (end > start && isPadding(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isPadding(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
