import { escapeHeader } from './escape.ts';
import type { Header, ServerFrame } from './frame.ts';
import { CONTENT_LENGTH } from './header-names.ts';
import type { StompVersion } from './version.ts';

/** A 1.0 client would read a name with these as another one, as it cuts at the colon and trims. */
const UNSAYABLE_IN_10 = /[:\n\r]|^\s|\s$/;

/** A single LF: a heart-beat (STOMP 1.2, "Heart-beating"). */
export const EOL = Buffer.from('\n');

/**
 * A frame as it goes on the wire. `content-length` is added wherever there is a body; the
 * caller's own is left out.
 */
export function encodeFrame(frame: ServerFrame, version: StompVersion): Buffer {
  const { command, headers, body } = frame;
  // STOMP 1.2, "Value Encoding": CONNECTED is never escaped, and 1.0 has no escapes either.
  const lines = encodeHeaders(headers, command === 'CONNECTED' ? '1.0' : version);
  const head = `${command}\n${lines}${endOfHeaders(body)}`;
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headBytes + body.length + 1);
  bytes.write(head, 0, 'utf8');
  body.copy(bytes, headBytes);
  bytes[bytes.length - 1] = 0;
  return bytes;
}

/** The end of a head: `content-length`, if there is a body, and the blank line. */
export function endOfHeaders(body: Buffer): string {
  return body.length > 0 ? `${CONTENT_LENGTH}:${body.length}\n\n` : '\n';
}

/** Header lines, escaped; `content-length` is left out. */
export function encodeHeaders(headers: readonly Header[], version: StompVersion): string {
  let lines = '';
  for (const [name, value] of headers) {
    if (name === CONTENT_LENGTH || name.includes('\0')) continue;
    if (version === '1.0' && UNSAYABLE_IN_10.test(name)) continue;
    // 1.1 has no escape for a carriage return, and some clients would take it for the end of the
    // line.
    if (version === '1.1' && name.includes('\r')) continue;
    lines += `${escapeHeader(name, version)}:${escapeHeader(value, version)}\n`;
  }
  return lines;
}
