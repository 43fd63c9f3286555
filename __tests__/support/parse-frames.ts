/** A server's frame as a test looks at it: headers unescaped by 1.2's rules, the first one wins. */
export interface ReceivedFrame {
  readonly command: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const DECODED: Record<string, string> = { '\\\\': '\\', '\\c': ':', '\\n': '\n', '\\r': '\r' };

/**
 * Reads whole frames out of bytes, by a way of its own: what is left is returned as it is.
 * Heart-beats between frames are counted.
 */
export function parseFrames(bytes: Buffer): {
  readonly frames: ReceivedFrame[];
  readonly heartBeats: number;
  readonly rest: Buffer;
} {
  const frames: ReceivedFrame[] = [];
  let heartBeats = 0;
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === 10) {
      heartBeats += 1;
      at += 1;
      continue;
    }
    const headEnd = bytes.indexOf('\n\n', at);
    if (headEnd === -1) break;
    const [command = '', ...lines] = bytes.toString('utf8', at, headEnd).split('\n');
    const headers = headersOf(lines, command === 'CONNECTED');
    const bodyAt = headEnd + 2;
    const length = headers['content-length'];
    const bodyEnd = length === undefined ? bytes.indexOf(0, bodyAt) : bodyAt + Number(length);
    if (bodyEnd === -1 || bodyEnd >= bytes.length) break;
    if (bytes[bodyEnd] !== 0) throw new Error('a frame does not end with NUL');
    frames.push({ command, headers, body: bytes.toString('utf8', bodyAt, bodyEnd) });
    at = bodyEnd + 1;
  }
  return { frames, heartBeats, rest: bytes.subarray(at) };
}

function headersOf(lines: readonly string[], isRaw: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)].map((part) =>
      isRaw ? part : part.replace(/\\./g, (pair) => DECODED[pair] ?? pair),
    );
    if (name !== undefined && value !== undefined) headers[name] ??= value;
  }
  return headers;
}
