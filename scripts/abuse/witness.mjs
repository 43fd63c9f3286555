// A client that does nothing wrong: it talks in a room and hears itself, about fifty times a second,
// from an address of its own. How long its messages take is how the others are served.

import { headerIn } from './counting-reader.mjs';
import { chat, subscribe } from './frames.mjs';
import { Line } from './line.mjs';

/** Below the rate that every client has by default. */
const EVERY_MS = 21;
/** With more under way it waits: what a server gets at once after a standstill counts as one burst. */
const UNDER_WAY_MAX = 80;
const START_MS = 10_000;
const ROOM = 'the-witness';
const ADDRESS = '127.0.0.2';

export class Witness {
  /** Milliseconds that each message took. @type {number[]} */
  latencies = [];
  refused = 0;
  sent = 0;
  #line;
  /** Messages that were sent before are not measured. */
  #since = 0;
  #timer;
  /** Send times of the messages that have not arrived yet, oldest first. */
  #waiting = new Map();

  /** @param {number} port of HTTP */
  async start(port) {
    this.#line = await Line.webSocket({ port, from: ADDRESS, onFrame: (read) => this.#got(read) });
    const isIn = await within(START_MS, this.#enter());
    if (!isIn) throw new Error(`the witness is not served: ${this.#line.closed}`);
    this.#timer = setInterval(() => this.#say(), EVERY_MS);
  }

  /** Drops the measurements so far and starts anew. */
  begin() {
    this.latencies = [];
    this.#since = performance.now();
    this.sent = 0;
  }

  /** Stops sending, waits for outstanding messages, and gives the measurements. */
  async finish(waitMs) {
    clearInterval(this.#timer);
    const until = performance.now() + waitMs;
    while (this.#waiting.size > 0 && this.#line.closed === null && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const now = performance.now();
    // A message that never arrived took at least until now.
    for (const since of this.#waiting.values()) this.latencies.push(now - since);
    const missing = this.#waiting.size;
    const closed = this.#line.closed;
    this.#line.end();
    const sorted = this.latencies.toSorted((one, other) => one - other);
    const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
    const maxMs = sorted.at(-1) ?? Number.NaN;
    return { closed, maxMs, missing, p99Ms, refused: this.refused, sent: this.sent };
  }

  async #enter() {
    if (!(await this.#line.logIn())) return false;
    this.#line.write(subscribe('/user/queue/errors', 'refusals'));
    this.#line.write(subscribe(`/topic/chat/room/${ROOM}`, 'room'));
    const message = JSON.stringify({ type: 'ENTER', roomId: ROOM, sender: 'witness', message: '' });
    return this.#line.receipted('SEND', { destination: '/app/chat/message' }, message);
  }

  #say() {
    if (this.#line.closed !== null || this.#waiting.size >= UNDER_WAY_MAX) return;
    this.sent += 1;
    const id = `w${this.sent}`;
    this.#waiting.set(id, performance.now());
    const message = { type: 'TALK', roomId: ROOM, sender: 'witness', message: id };
    this.#line.write(chat(message, { receipt: id }));
  }

  #got({ command, head, receiptId }) {
    if (command !== 'MESSAGE') return;
    const isRefusal = headerIn(head, 'code') !== undefined;
    // It is alone in its room, where all messages come in order.
    const id = isRefusal ? receiptId : this.#waiting.keys().next().value;
    const since = this.#waiting.get(id);
    if (since === undefined) return;
    this.#waiting.delete(id);
    if (isRefusal) this.refused += 1;
    else if (since >= this.#since) this.latencies.push(performance.now() - since);
  }
}

export async function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const made = await Promise.race([promise, late]);
  clearTimeout(timer);
  return made;
}
