// The context that an attack is given: the server's ports, the time that it has, connections, and a
// tally of the outcome.

import { Http } from './http.mjs';
import { Line } from './line.mjs';
import { Tally } from './tally.mjs';

/** Connections that are opened at the same time: more would only wait in the server's backlog. */
const AT_ONCE = 100;

export class Context {
  http;
  tally = new Tally();
  tcp;
  /** Resolves when the attack has to end. */
  timeIsUp;
  isOver = false;

  #addresses;
  #opened = 0;
  #seconds;

  /** @param {{ http: number, tcp: number, seconds: number, addresses?: number }} given */
  constructor({ http, tcp, seconds, addresses = 1 }) {
    this.http = http;
    this.tcp = tcp;
    this.#addresses = addresses;
    this.#seconds = seconds;
    this.timeIsUp = new Promise((resolve) => {
      setTimeout(() => {
        this.isOver = true;
        resolve();
      }, seconds * 1_000);
    });
  }

  /** The same for a part of its time, so that the rest is left to look at the effect. */
  shorter(part) {
    const { http, tcp } = this;
    const addresses = this.#addresses;
    const context = new Context({ http, tcp, addresses, seconds: part * this.#seconds });
    context.tally = this.tally;
    return context;
  }

  /** STOMP over TCP: a connected session, or null if the server refuses it. */
  async session(options = {}) {
    const line = this.open(options);
    return (await line.logIn(options.headers)) ? line : null;
  }

  /** Opens `count` sessions; gives those that the server accepted. */
  async sessions(count, options = {}) {
    const made = await this.many(count, (at) =>
      this.session(typeof options === 'function' ? options(at) : options),
    );
    return made.filter((line) => line !== null);
  }

  /** A TCP connection that says nothing yet. */
  open(options = {}) {
    return Line.tcp({ port: this.tcp, from: this.#nextAddress(), tally: this.tally, ...options });
  }

  webSocket(options = {}) {
    return Line.webSocket({
      port: this.http,
      from: this.#nextAddress(),
      tally: this.tally,
      ...options,
    });
  }

  /** An HTTP connection that says nothing yet. */
  openHttp(options = {}) {
    return new Http({ port: this.http, from: this.#nextAddress(), tally: this.tally, ...options });
  }

  /** One request on a connection of its own. */
  ask(method, path, options) {
    return this.openHttp(options).askAndClose(method, path, options);
  }

  /** Makes so many, some of them at the same time; ends early when time is up. */
  async many(count, make) {
    const made = [];
    let next = 0;
    const one = async () => {
      while (next < count && !this.isOver) {
        const at = next;
        next += 1;
        made.push(await make(at));
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, one));
    return made;
  }

  /**
   * Writes as fast as the server takes it, until time is up or the line is over.
   *
   * @param {(at: number) => Buffer} make what is written next; `at` counts from 0
   */
  async pour(line, make, { countMax = Number.POSITIVE_INFINITY } = {}) {
    for (let at = 0; at < countMax && line.closed === null && !this.isOver; at += 1) {
      if (!line.write(make(at))) await line.drained();
      // The answers have to be read as well.
      if (at % 16 === 15) await nextTurn();
    }
  }

  /** Does it again and again until time is up. */
  async again(act) {
    for (let at = 0; !this.isOver; at += 1) {
      await act(at);
      await nextTurn();
    }
  }

  /** The attackers have so many addresses, and use them in turns. */
  #nextAddress() {
    if (this.#addresses === 1) return '127.0.0.1';
    this.#opened += 1;
    const at = this.#opened % this.#addresses;
    return `127.1.${at >> 8}.${at & 255 || 1}`;
  }

  pause(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}
