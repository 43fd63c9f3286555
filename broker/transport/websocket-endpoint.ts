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

/** The registered subprotocols of STOMP over WebSocket, the preferred one first. */
export const STOMP_SUBPROTOCOLS = ['v12.stomp', 'v11.stomp', 'v10.stomp'] as const;

const KEEP_ALIVE_MS = 60_000;

export interface WebSocketOptions {
  readonly accept: Accept;
  readonly clock: Clock;
  /** The time that a closing connection has before it is cut off. */
  readonly lingerMs: number;
  /** A larger WebSocket message is answered with close code 1009. */
  readonly messageBytesMax: number;
  /** The limit before the client has logged in. Default: `messageBytesMax`. */
  readonly openingBytesMax?: number;
  /** The interval of pings to browsers, and of SockJS heart-beats. */
  readonly probeMs: number;
  /** Counts unsent packets. Default: they are not counted. */
  readonly unsent?: UnsentPackets | undefined;
}

/** An upgrade that was admitted. */
interface Upgrading {
  readonly dialect: Dialect;
  /** Runs when the socket is closed, even if the upgrade fails. */
  readonly onClosed: () => void;
  /** The client's address. */
  readonly peer: string;
}

/** Upgrades requests to WebSockets, and sends the pings of all with one timer. */
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
      // The transport answers pings itself, and only as fast as the peer reads the pongs.
      autoPong: false,
      clientTracking: false,
      handleProtocols,
      maxPayload: options.messageBytesMax,
      noServer: true,
      // Shared packets bypass `ws`, and are not compressed.
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
    // Detects peers that vanished without closing, where no heart-beats were negotiated.
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const input = new PacedInput(socket, this.#reads);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const { headers, url = '' } = request;
      // A closure made here that lives as long as the connection would keep the request in memory.
      const transport = new WebSocketTransport(webSocket, input, dialect, {
        isBrowser: headers.origin !== undefined,
        peer,
        terms: this.#terms,
      });
      this.#open.add(transport);
      transport.open(this.#options.accept, { headers, url });
    });
  }

  /** Cuts off all remaining connections. */
  stop(): void {
    this.#cancelBeat();
    for (const transport of this.#open) transport.cutOff();
  }
}

/**
 * A client that offers subprotocols and is answered with none gives up; SockJS clients offer none.
 */
function handleProtocols(offered: Set<string>): string | false {
  return STOMP_SUBPROTOCOLS.find((name) => offered.has(name)) ?? false;
}
