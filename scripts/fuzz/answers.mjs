// Reads the broker's output on one connection strictly: whatever it is fed, its answers must be
// valid STOMP.

import { WAITING } from './words.mjs';

const COMMANDS = ['CONNECTED', 'MESSAGE', 'RECEIPT', 'ERROR'];
const DECODED = { '\\': '\\', c: ':', n: '\n', r: '\r' };
const LF = 10;

export class Answers {
  /** Counts of frames, by command. @type {Record<string, number>} */
  counts = {};
  /** The codes of ERRORs, and of refusals that left the session alive. @type {string[]} */
  codes = [];
  refusals = [];
  /** Receipt ids of RECEIPTs and of refusals, as they came. */
  receipts = [];
  /** Violations of the protocol by the broker. @type {string[]} */
  problems = [];
  /** True when nothing may follow. */
  hasError = false;
  /** MESSAGEs that may wait for their ACK. @type {{ ack: string, 'message-id': string, subscription: string }[]} */
  unacknowledged = [];
  #input = Buffer.alloc(0);
  #refused = { receipt: undefined, by: [] };
  #version = '1.2';

  /** @param {Buffer} octets */
  read(octets) {
    this.#input = this.#input.length === 0 ? octets : Buffer.concat([this.#input, octets]);
    while (this.#readFrame());
  }

  /** True in the middle of a frame. */
  get isHalf() {
    return this.#input.length > 0;
  }

  #readFrame() {
    let at = 0;
    while (this.#input[at] === LF) at += 1;
    this.#input = this.#input.subarray(at);
    const headEnd = this.#input.indexOf('\n\n');
    if (headEnd === -1) return false;
    const [command, ...lines] = this.#input.toString('utf8', 0, headEnd).split('\n');
    const headers = this.#headersOf(lines, command);
    const bodyAt = headEnd + 2;
    const length = headers.get('content-length');
    const end = length === undefined ? this.#input.indexOf(0, bodyAt) : bodyAt + Number(length);
    if (end === -1 || end >= this.#input.length) return false;
    if (this.#input[end] !== 0) this.problems.push(`a ${command} does not end with NUL`);
    this.#input = this.#input.subarray(end + 1);
    this.#take(command, headers);
    return true;
  }

  #headersOf(lines, command) {
    const headers = new Map();
    for (const line of lines) {
      const colon = line.indexOf(':');
      const isEscaped = command !== 'CONNECTED' && this.#version !== '1.0';
      const undefinedEscape = this.#version === '1.1' ? /\\(?![\\cn])/ : /\\(?![\\cnr])/;
      const isBad = isEscaped && undefinedEscape.test(line.replaceAll('\\\\', ''));
      if (colon < 1 || isBad || line.includes('\0')) {
        this.problems.push(`a ${command} has the header ${JSON.stringify(line)}`);
      }
      const name = line.slice(0, colon);
      if (!headers.has(name)) headers.set(name, line.slice(colon + 1));
    }
    return headers;
  }

  #take(command, headers) {
    const isFirst = Object.keys(this.counts).length === 0;
    if (!COMMANDS.includes(command)) this.problems.push(`a frame ${JSON.stringify(command)}`);
    if (this.hasError) this.problems.push(`a ${command} after an ERROR`);
    if (isFirst !== (command === 'CONNECTED') && !(isFirst && command === 'ERROR')) {
      this.problems.push(isFirst ? `a ${command} before CONNECTED` : `a second ${command}`);
    }
    this.counts[command] = (this.counts[command] ?? 0) + 1;
    if (command === 'CONNECTED') this.#version = headers.get('version') ?? '1.0';
    if (command === 'RECEIPT') this.#takeReceipt(headers);
    if (command === 'ERROR') this.#takeError(headers);
    if (command === 'MESSAGE') this.#takeMessage(headers);
  }

  #takeError(headers) {
    this.hasError = true;
    const code = headers.get('code');
    this.codes.push(code ?? 'none');
    if (code === undefined || code === 'INTERNAL') {
      this.problems.push(`an ERROR with code ${code}: ${headers.get('message')}`);
    }
  }

  /** Every subscription to the errors is told of it: it counts as one answer. */
  #takeRefusal(headers) {
    const [receipt, subscription] = [headers.get('receipt-id'), headers.get('subscription')];
    const { receipt: last, by } = this.#refused;
    const isCopy = receipt === last && !by.includes(subscription);
    this.#refused = { receipt, by: isCopy ? [...by, subscription] : [subscription] };
    if (!isCopy) this.#takeReceipt(headers);
  }

  #takeReceipt(headers) {
    const id = headers.get('receipt-id');
    if (id === undefined) return;
    const isEscaped = this.#version !== '1.0';
    this.receipts.push(isEscaped ? id.replace(/\\(.)/g, (_, letter) => DECODED[letter]) : id);
  }

  #takeMessage(headers) {
    const destination = headers.get('destination');
    const id = headers.get('message-id');
    const subscription = headers.get('subscription');
    if (destination === undefined || id === undefined) {
      this.problems.push(`a MESSAGE without destination or message-id`);
    }
    if (subscription === undefined && this.#version !== '1.0') {
      this.problems.push('a MESSAGE without subscription');
    }
    if (destination === '/user/queue/errors') {
      this.refusals.push(headers.get('code'));
      this.#takeRefusal(headers);
    }
    // Only 1.2 says which do; the list need not hold all of them.
    const mayWait =
      this.#version === '1.2' ? headers.has('ack') : subscription?.startsWith(WAITING) === true;
    if (mayWait && this.unacknowledged.length < 20) {
      this.unacknowledged.push({ ack: 'none', ...Object.fromEntries(headers) });
    }
  }
}
