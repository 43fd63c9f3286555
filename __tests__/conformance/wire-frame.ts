const LF = 10;

/** A server's frame as it was on the wire: nothing is unescaped, nothing left out. */
export interface WireFrame {
  readonly command: string;
  /** The header lines, in order. */
  readonly lines: readonly string[];
  /** Of each name the first value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly text: string;
  /** All of it, the NUL included. */
  readonly octets: Buffer;
}

/** What a stretch of octets begins with. */
export type Read =
  | { readonly type: 'eol' | 'more' }
  | { readonly type: 'frame'; readonly frame: WireFrame };

/** Reads by the letter of the grammar: LF ends a line, and a frame ends with NUL. */
export function readFrame(octets: Buffer): Read {
  if (octets[0] === LF) return { type: 'eol' };
  const headEnd = octets.indexOf('\n\n');
  if (headEnd === -1) return { type: 'more' };
  const [command = '', ...lines] = octets.toString('utf8', 0, headEnd).split('\n');
  const headers = headersOf(lines);
  const bodyAt = headEnd + 2;
  const length = headers['content-length'];
  const end = length === undefined ? octets.indexOf(0, bodyAt) : bodyAt + Number(length);
  if (end === -1 || end >= octets.length) return { type: 'more' };
  if (octets[end] !== 0) throw new Error(`no NUL at the end of ${octets.toString('utf8', 0, end)}`);
  const body = octets.subarray(bodyAt, end);
  const whole = octets.subarray(0, end + 1);
  const frame = { command, lines, headers, body, text: body.toString('utf8'), octets: whole };
  return { type: 'frame', frame };
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`a header line without a name: ${JSON.stringify(line)}`);
    headers[line.slice(0, colon)] ??= line.slice(colon + 1);
  }
  return headers;
}
