import { connect } from 'node:net';

/** STOMP as it is, over TCP. */
export class TcpLine {
  #socket;
  /** True when nothing more can be said. */
  isClosed = false;

  /**
   * @param {{ port: number }} where
   * @param {import('./websocket-line.mjs').LineEvents} events
   */
  constructor({ port }, events) {
    // Half-open, as the broker is: what it still says after our end must come.
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket.on('data', (chunk) => events.said(chunk));
    this.#socket.on('end', () => {
      this.isClosed = true;
      this.#socket.end();
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.isClosed = true;
      events.closed();
    });
  }

  /** @param {Buffer} chunk */
  write(chunk) {
    if (!this.isClosed) this.#socket.write(chunk);
  }

  /** There is nothing below STOMP to break: octets that are no STOMP. */
  break(random) {
    this.write(random.bytes(random.between(1, 60)));
  }

  end() {
    this.#socket.end();
  }

  drop(isReset) {
    // After `end` a reset leaves a handle behind that Node 20 waits for when it exits.
    if (isReset && !this.#socket.writableEnded) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }
}
