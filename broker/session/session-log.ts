import type { Log } from '../log.ts';
import type { ServerFrame } from '../stomp/frame.ts';
import type { Transport } from '../transport/transport.ts';

/** What the log is told of one session. */
export class SessionLog {
  readonly #id: string;
  readonly #log: Log;
  readonly #transport: Pick<Transport, 'bufferedBytes' | 'peer'>;

  constructor(log: Log, id: string, transport: Pick<Transport, 'bufferedBytes' | 'peer'>) {
    this.#id = id;
    this.#log = log;
    this.#transport = transport;
  }

  isSlow(): void {
    const { bufferedBytes } = this.#transport;
    this.#log.warn({ ...this.#who, bufferedBytes }, 'slow consumer: session is shed');
  }

  takesNothing(): void {
    const { bufferedBytes } = this.#transport;
    const text = 'the client takes nothing of what waits for it: session is ended';
    this.#log.warn({ ...this.#who, bufferedBytes }, text);
  }

  isShedForMemory(heldBytes: number): void {
    this.#log.warn({ ...this.#who, heldBytes }, 'memory budget: session is shed');
  }

  isRefused(code: string): void {
    this.#log.info({ ...this.#who, code }, 'a login was refused');
  }

  hasBug(error: unknown): void {
    this.#log.error({ ...this.#who, err: error }, 'a frame could not be handled');
  }

  brokeProtocol({ headers }: ServerFrame): void {
    this.#log.info({ ...this.#who, code: headers[0]?.[1] }, 'the peer broke the protocol');
  }

  get #who(): { readonly session: string; readonly peer: string } {
    return { session: this.#id, peer: this.#transport.peer };
  }
}
