import type { Log } from '../log.ts';
import type { ServerFrame } from '../stomp/frame.ts';
import type { Transport } from '../transport/transport.ts';

/** Log lines about one session. */
export class SessionLog {
  readonly #id: string;
  readonly #log: Log;
  readonly #transport: Pick<Transport, 'bufferedBytes' | 'peer'>;

  constructor(log: Log, id: string, transport: Pick<Transport, 'bufferedBytes' | 'peer'>) {
    this.#id = id;
    this.#log = log;
    this.#transport = transport;
  }

  shedAsSlow(): void {
    const { bufferedBytes } = this.#transport;
    this.#log.warn({ ...this.#ids, bufferedBytes }, 'slow consumer: session is shed');
  }

  sendTimedOut(): void {
    const { bufferedBytes } = this.#transport;
    const text = 'the client takes nothing of what waits for it: session is ended';
    this.#log.warn({ ...this.#ids, bufferedBytes }, text);
  }

  shedForMemory(heldBytes: number): void {
    this.#log.warn({ ...this.#ids, heldBytes }, 'memory budget: session is shed');
  }

  loginRefused(code: string): void {
    this.#log.info({ ...this.#ids, code }, 'a login was refused');
  }

  /** A bug in the broker or in a handler. */
  failed(error: unknown): void {
    this.#log.error({ ...this.#ids, err: error }, 'a frame could not be handled');
  }

  /** @param error the ERROR that the client was sent; its first header is the code */
  protocolBroken({ headers }: ServerFrame): void {
    this.#log.info({ ...this.#ids, code: headers[0]?.[1] }, 'the peer broke the protocol');
  }

  get #ids(): { readonly session: string; readonly peer: string } {
    return { session: this.#id, peer: this.#transport.peer };
  }
}
