import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { ThrottledLog } from '../limits/throttled-log.ts';
import type { UnsentPackets } from '../limits/unsent-packets.ts';
import type { Connections } from './connections.ts';
import { warnOfAccept } from './descriptors.ts';
import { TcpTransport } from './tcp-transport.ts';
import type { Accept, Handshake } from './transport.ts';

const KEEP_ALIVE_MS = 60_000;

/** Nothing comes before the first frame. */
const NO_HANDSHAKE: Handshake = { headers: {}, url: '' };

export interface TcpOptions {
  readonly accept: Accept;
  readonly clock: Clock;
  readonly connections: Connections;
  /** How long a closing connection may take before it is cut off. */
  readonly lingerMs: number;
  /** Counts what waits to be sent. Default: nobody does. */
  readonly unsent?: UnsentPackets | undefined;
  readonly warnings: Pick<ThrottledLog<'accept'>, 'warn'>;
}

/** Plain STOMP for clients that are no browsers. */
export class TcpEndpoint {
  readonly #open = new Set<TcpTransport>();
  readonly #options: TcpOptions;
  readonly #server: Server;

  constructor(options: TcpOptions) {
    this.#options = options;
    // Half-open, so that replies still reach a client that has said all it had to say.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#take(socket),
    );
    // Without a listener, a failure to accept would end the process.
    this.#server.on('error', (error) => warnOfAccept(error, options.warnings));
  }

  /** Rejects if it cannot listen, with the error's `code`; gives the port that was taken. */
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

  /** Listens no more, and cuts off whoever is left. */
  async stop(): Promise<void> {
    for (const transport of this.#open) transport.cutOff();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(socket: Socket): void {
    const { accept, connections, clock, lingerMs, unsent } = this.#options;
    const peer = socket.remoteAddress ?? 'unknown';
    // The close event that follows says the same; without a listener it would end the process.
    socket.on('error', () => undefined);
    if (!connections.admits(peer, socket)) {
      socket.destroy();
      return;
    }
    socket.once('close', connections.open(peer, socket));
    // A peer that vanished without a word, and was promised no heart-beats, is found out by this.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const transport = new TcpTransport(socket, { clock, lingerMs, unsent });
    this.#open.add(transport);
    socket.once('close', () => this.#open.delete(transport));
    transport.open(accept(transport, NO_HANDSHAKE));
  }
}
