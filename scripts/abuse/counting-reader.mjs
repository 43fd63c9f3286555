// Reads what the server says only as far as it must: which frames came, with which codes and
// receipts. A body is passed over, however long it is.

const LF = 10;
const NUL = 0;
const NO_BYTES = Buffer.alloc(0);
/** Headers longer than this are none of a server that can be attacked with reason. */
const HEADERS_MAX = 2 * 1_024 * 1_024;

/**
 * @typedef {object} Read
 * @property {string} command
 * @property {string} head command and headers, as they came
 * @property {string | undefined} receiptId
 */

export class CountingReader {
  /** The code of the ERROR that came. @type {string | null} */
  code = null;
  #expected = [];
  #left = 0;
  #onFrame;
  #rest = NO_BYTES;
  #tally;

  constructor({ tally, onFrame }) {
    this.#tally = tally;
    this.#onFrame = onFrame;
  }

  /** Calls back when such a frame comes, once. */
  expect(command, fits, callback) {
    this.#expected.push({ command, fits, callback });
  }

  push(chunk) {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = NO_BYTES;
    while (bytes.length > 0) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, bytes.length);
        this.#left -= skipped;
        bytes = bytes.subarray(skipped);
        continue;
      }
      if (bytes[0] === LF || bytes[0] === NUL) {
        bytes = bytes.subarray(1);
        continue;
      }
      const end = bytes.indexOf('\n\n');
      if (end === -1) {
        if (bytes.length < HEADERS_MAX) this.#rest = Buffer.from(bytes);
        return;
      }
      this.#take(bytes.toString('utf8', 0, end));
      bytes = bytes.subarray(end + 2);
    }
  }

  #take(head) {
    const [command = ''] = head.split('\n', 1);
    const receiptId = headerIn(head, 'receipt-id');
    this.#left = Number(headerIn(head, 'content-length') ?? 0);
    const code = headerIn(head, 'code');
    if (command === 'ERROR') this.code = code ?? 'ERROR';
    this.#tally?.add(code === undefined ? command : `${command} ${code}`);
    const read = { command, head, receiptId };
    this.#onFrame?.(read);
    if (this.#expected.length > 0) this.#tell(read);
  }

  #tell(read) {
    const at = this.#expected.findIndex(
      ({ command, fits }) => command === read.command && fits(read),
    );
    if (at !== -1) this.#expected.splice(at, 1)[0].callback(read);
  }
}

export function headerIn(head, name) {
  const at = head.indexOf(`\n${name}:`);
  if (at === -1) return undefined;
  const from = at + name.length + 2;
  const end = head.indexOf('\n', from);
  return head.slice(from, end === -1 ? undefined : end);
}
