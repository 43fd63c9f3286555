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

const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** Texts longer than this, in characters, are escaped and unescaped by octets. */
const LONG = 256;
const LETTERS_12 = lettersOf(ENCODED_12);
const LETTERS_11 = lettersOf(ENCODED_11);
const PLAIN_12 = plainOf(DECODED_12);
const PLAIN_11 = plainOf(DECODED_11);

/**
 * Unescapes a header name or value in one pass from left to right: replacing one kind of escape
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
  const plain = text.length > LONG ? unescapeLong(text, version) : null;
  if (plain !== null) return plain;
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
 * Escapes a header name or value. 1.1 has no escape for a carriage return, which is plain data
 * there. 1.0 has no escapes at all, so a character that would end the line becomes a space. So
 * does a NUL in any version, because some clients take every NUL for the end of the frame.
 */
export function escapeHeader(text: string, version: StompVersion): string {
  if (version === '1.0') return /[\0\n\r]/.test(text) ? text.replace(/[\0\n\r]/g, ' ') : text;
  if (!/[\0\\:\n\r]/.test(text)) return text;
  if (text.length > LONG) return escapeLong(text, version);
  const encoded = version === '1.1' ? ENCODED_11 : ENCODED_12;
  return text.replace(/[\0\\:\n\r]/g, (character) => encoded[character] ?? character);
}

/** Escapes by octets, which takes a tenth of the time for a long text with many escapes. */
function escapeLong(text: string, version: Exclude<StompVersion, '1.0'>): string {
  const letters = version === '1.1' ? LETTERS_11 : LETTERS_12;
  const bytes = Buffer.from(text);
  const escaped = Buffer.allocUnsafe(2 * bytes.length);
  let at = 0;
  for (let from = 0; from < bytes.length; from += 1) {
    const byte = bytes[from] ?? 0;
    const letter = letters[byte] ?? 0;
    if (letter !== 0) {
      escaped[at++] = BACKSLASH;
      escaped[at++] = letter;
    } else escaped[at++] = byte === 0 ? SPACE : byte;
  }
  return escaped.toString('utf8', 0, at);
}

/** The other way round, for the same reason; `null`: an escape sequence is not defined. */
function unescapeLong(text: string, version: StompVersion | null): string | null {
  const plain = version === '1.1' ? PLAIN_11 : PLAIN_12;
  const bytes = Buffer.from(text);
  let at = 0;
  for (let from = 0; from < bytes.length; from += 1) {
    const byte = bytes[from] ?? 0;
    if (byte !== BACKSLASH) {
      bytes[at++] = byte;
      continue;
    }
    from += 1;
    const character = plain[bytes[from] ?? 0] ?? 0;
    if (character === 0) return null;
    bytes[at++] = character;
  }
  return bytes.toString('utf8', 0, at);
}

/** By the letter of an escape sequence: the octet that it stands for; 0: there is none. */
function plainOf(decoded: Readonly<Record<string, string>>): Uint8Array {
  const plain = new Uint8Array(256);
  for (const [letter, character] of Object.entries(decoded)) {
    plain[letter.charCodeAt(0)] = character.charCodeAt(0);
  }
  return plain;
}

/** By the octet that is to be escaped: the letter of its escape sequence; 0: it has none. */
function lettersOf(encoded: Readonly<Record<string, string>>): Uint8Array {
  const letters = new Uint8Array(256);
  for (const [character, sequence] of Object.entries(encoded)) {
    if (sequence.length === 2) letters[character.charCodeAt(0)] = sequence.charCodeAt(1);
  }
  return letters;
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
