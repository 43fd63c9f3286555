import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { ThrottledLog } from '../limits/throttled-log.ts';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import type { Connections } from './connections.ts';
import { warnOfAccept } from './descriptors.ts';
import { TcpTransport } from './tcp-transport.ts';
import type { Accept, Handshake } from './transport.ts';

const KEEP_ALIVE_MS = 60_000;

/** STOMP over TCP has no handshake before the first frame. */
const NO_HANDSHAKE: Handshake = { headers: {}, url: '' };

export interface TcpOptions {
  readonly accept: Accept;
  readonly clock: Clock;
  readonly connections: Connections;
  /** The time that a closing connection has before it is cut off. */
  readonly lingerMs: number;
  /** Counts unsent packets. Default: they are not counted. */
  readonly unsent?: UnsentPackets | undefined;
  readonly warnings: Pick<ThrottledLog<'accept'>, 'warn'>;
}

/** Serves plain STOMP over TCP, for clients that are not browsers. */
export class TcpEndpoint {
  readonly #open = new Set<TcpTransport>();
  readonly #options: TcpOptions;
  readonly #server: Server;

  constructor(options: TcpOptions) {
    this.#options = options;
    // Half-open, so that replies still reach a client that has sent its last frame.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#take(socket),
    );
    // Without a listener, a failure to accept would end the process.
    this.#server.on('error', (error) => warnOfAccept(error, options.warnings));
  }

  /**
   * Listens, and resolves with the port; rejects with the error, whose `code` says why it cannot.
   */
  async listen(where: {
    readonly backlog: number;
    readonly host: string;
    readonly port: number;
  }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(where, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : where.port;
  }

  /** Stops listening, and cuts off all remaining connections. */
  async stop(): Promise<void> {
    for (const transport of this.#open) transport.cutOff();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(socket: Socket): void {
    const { accept, connections, clock, lingerMs, unsent } = this.#options;
    const peer = socket.remoteAddress ?? 'unknown';
    // A close event follows and is handled; without a listener, the error would end the process.
    socket.on('error', () => undefined);
    if (!connections.admits(peer, socket)) {
      socket.destroy();
      return;
    }
    socket.once('close', connections.open(peer, socket));
    // Detects peers that vanished without closing, where no heart-beats were negotiated.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const transport = new TcpTransport(socket, { clock, lingerMs, unsent });
    this.#open.add(transport);
    socket.once('close', () => this.#open.delete(transport));
    transport.open(accept(transport, NO_HANDSHAKE));
  }
}
