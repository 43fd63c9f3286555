// SockJS over HTTP: one request after the other with what is said, and one that listens.

import { request } from 'node:http';
import { envelopeReader } from './sockjs-envelopes.mjs';

/** Answers that a client may get at any time: its session may be over. */
const FINE = new Set([200, 204, 404]);

export class XhrLine {
  #agent;
  #events;
  #isGone = false;
  #listening = null;
  #readEnvelope;
  #sending = Promise.resolve();
  #where;
  #way;
  /** True when nothing more can be said. */
  isClosed = false;

  /**
   * @param {{ port: number, name: string, agent: import('node:http').Agent, isStreaming: boolean }} where
   * @param {import('./websocket-line.mjs').LineEvents} events
   */
  constructor({ port, name, agent, isStreaming }, events) {
    this.#agent = agent;
    this.#events = events;
    this.#where = { port, host: '127.0.0.1', method: 'POST', path: `/websc/000/${name}/` };
    this.#way = isStreaming ? 'xhr_streaming' : 'xhr';
    this.#readEnvelope = envelopeReader(events, () => {
      this.isClosed = true;
    });
    void this.#listen();
  }

  /** @param {string} chunk */
  write(chunk) {
    this.#post(JSON.stringify([chunk]), FINE);
  }

  /** A body that is no list of texts, or a request that is cut off. */
  break(random) {
    const body = random.pick([
      '',
      '[',
      '[1]',
      'null',
      '{}',
      '"\\ud800"',
      '[["a"]]',
      '['.repeat(9_000),
    ]);
    this.#post(body, new Set([...FINE, 500, 413]));
  }

  /** HTTP has no close: a client that sends no more requests has left. */
  end() {
    this.drop();
  }

  drop() {
    this.#isGone = true;
    this.#listening?.destroy();
    this.#over();
  }

  pause() {
    this.#listening?.socket?.pause();
  }

  resume() {
    this.#listening?.socket?.resume();
  }

  #post(body, fine) {
    this.#sending = this.#sending.then(async () => {
      if (this.isClosed) return;
      const status = await this.#ask('xhr_send', body).done;
      // 0: the request broke off with the connection.
      if (status !== 0 && !fine.has(status)) {
        this.#events.wrong(`xhr_send is answered ${status}`);
      }
    });
  }

  async #listen() {
    while (!this.#isGone && !this.isClosed) {
      const asked = this.#ask(this.#way, '', (line) => this.#readEnvelope(line));
      this.#listening = asked.request;
      const status = await asked.done;
      if (status !== 200) break;
    }
    this.#over();
  }

  #over() {
    this.isClosed = true;
    const { closed } = this.#events;
    this.#events = { ...this.#events, said: () => undefined, closed: () => undefined };
    closed();
  }

  /** `done` is the status, and 0 for no answer. */
  #ask(what, body, onLine = () => undefined) {
    const { path, ...where } = this.#where;
    const headers = { 'content-length': Buffer.byteLength(body) };
    const asking = request({ ...where, headers, path: path + what, agent: this.#agent });
    const done = new Promise((resolve) => {
      asking.on('error', () => resolve(0));
      asking.on('response', (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (text) => {
          if (response.statusCode !== 200) return;
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (!/^h{2048}$/.test(line)) onLine(line);
        });
        response.on('error', () => resolve(0));
        response.on('close', () => resolve(response.statusCode ?? 0));
      });
    });
    asking.end(body);
    return { request: asking, done };
  }
}
