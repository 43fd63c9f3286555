import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Server, WebSocketServer } from 'ws';
import type { Cancel, Clock } from '../clock.ts';
import { UnsentPackets } from '../limits/unsent-packets.ts';
import type { Dialect } from './dialect.ts';
import { PacedInput, type ReadTurns } from './read-pieces.ts';
import type { Accept } from './transport.ts';
import {
  CarryingWebSocket,
  type WebSocketTerms,
  WebSocketTransport,
} from './websocket-transport.ts';

/** The registered names of STOMP over WebSocket, the best first. */
export const STOMP_SUBPROTOCOLS = ['v12.stomp', 'v11.stomp', 'v10.stomp'] as const;

const KEEP_ALIVE_MS = 60_000;

export interface WebSocketOptions {
  readonly accept: Accept;
  readonly clock: Clock;
  /** How long a closing connection may take before it is cut off. */
  readonly lingerMs: number;
  /** A larger WebSocket message is answered with close code 1009. */
  readonly messageBytesMax: number;
  /** The same as long as the peer is not let in. Default: `messageBytesMax`. */
  readonly openingBytesMax?: number;
  /** How often browsers are asked whether they are there, and SockJS clients told that we are. */
  readonly probeMs: number;
  /** Counts what waits to be sent. Default: nobody does. */
  readonly unsent?: UnsentPackets | undefined;
}

/** What is known of an upgrade besides its request. */
interface Upgrading {
  readonly dialect: Dialect;
  /** Runs when the socket is closed, also if the upgrade does not come about. */
  readonly onClosed: () => void;
  /** The client's address. */
  readonly peer: string;
}

/** Upgrades requests to WebSockets, and beats for all of them with one timer. */
export class WebSocketEndpoint {
  readonly #cancelBeat: Cancel;
  readonly #open = new Set<WebSocketTransport>();
  readonly #options: WebSocketOptions;
  readonly #reads: ReadTurns;
  readonly #server: Server<typeof CarryingWebSocket>;
  readonly #terms: WebSocketTerms;

  constructor(options: WebSocketOptions, reads: ReadTurns) {
    this.#options = options;
    this.#reads = reads;
    this.#server = new WebSocketServer({
      // The transport answers pings, as far as the peer reads the answers.
      autoPong: false,
      clientTracking: false,
      handleProtocols,
      maxPayload: options.messageBytesMax,
      noServer: true,
      // Shared packets are written past `ws`, uncompressed.
      perMessageDeflate: false,
      WebSocket: CarryingWebSocket,
    });
    const { clock, lingerMs, messageBytesMax, unsent = new UnsentPackets() } = options;
    const { openingBytesMax = messageBytesMax } = options;
    const onClosed = (transport: WebSocketTransport) => this.#open.delete(transport);
    this.#terms = { clock, lingerMs, onClosed, openingBytesMax, unsent };
    this.#cancelBeat = options.clock.every(options.probeMs, () => {
      for (const transport of this.#open) transport.beat();
    });
  }

  upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    { dialect, onClosed, peer }: Upgrading,
  ): void {
    socket.on('close', onClosed);
    // A peer that vanished without a word, and was promised no heart-beats, is found out by this.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const input = new PacedInput(socket, this.#reads);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const { headers, url = '' } = request;
      // Nothing that stays with the connection may be made in here: it would keep the request.
      const transport = new WebSocketTransport(webSocket, input, dialect, {
        isBrowser: headers.origin !== undefined,
        peer,
        terms: this.#terms,
      });
      this.#open.add(transport);
      transport.open(this.#options.accept, { headers, url });
    });
  }

  /** Ends whatever is left, without a word. */
  stop(): void {
    this.#cancelBeat();
    for (const transport of this.#open) transport.cutOff();
  }
}

/** A client that offers names and gets none back gives up; SockJS offers none. */
function handleProtocols(offered: Set<string>): string | false {
  return STOMP_SUBPROTOCOLS.find((name) => offered.has(name)) ?? false;
}
