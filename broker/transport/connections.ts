import type { Socket } from 'node:net';
import { addressKey } from '../limits/address.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { ThrottledLog } from '../limits/throttled-log.ts';

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
}

export interface ConnectionsOptions {
  /** True if new clients would be served now. Default: always. */
  readonly isServed?: () => boolean;
  /** Logs refused connections. Default: they are not logged. */
  readonly warnings?: Pick<ThrottledLog<'connection'>, 'warn'>;
}

/**
 * Counts open sockets and sessions, in total and per address (IPv6: per /64), against the same two
 * limits. A WebSocket or a TCP connection is one socket and one session. A session of SockJS over
 * HTTP is separate from the sockets that carry its requests.
 */
export class Connections {
  /** Sockets that carry no session, each with the function that uncounts it. */
  readonly #held = new WeakMap<Socket, () => void>();
  readonly #isServed: () => boolean;
  readonly #limits: ConnectionLimits;
  readonly #rates: Pick<RateLimits, 'takeConnect'>;
  readonly #sessions = new Tally();
  readonly #sockets = new Tally();
  readonly #warnings: Pick<ThrottledLog<'connection'>, 'warn'> | undefined;
  #isClosed = false;

  constructor(
    limits: ConnectionLimits,
    rates: Pick<RateLimits, 'takeConnect'>,
    { isServed = () => true, warnings }: ConnectionsOptions = {},
  ) {
    this.#isServed = isServed;
    this.#limits = limits;
    this.#rates = rates;
    this.#warnings = warnings;
  }

  /** The number of open sessions. */
  get total(): number {
    return this.#sessions.total;
  }

  /** The number of open sockets. */
  get sockets(): number {
    return this.#sockets.total;
  }

  /** Resolves as soon as no session is open. */
  whenEmpty(): Promise<void> {
    return this.#sessions.whenEmpty();
  }

  /** Admits no session until `reopen`. */
  close(): void {
    this.#isClosed = true;
  }

  /** Admits sessions again. */
  reopen(): void {
    this.#isClosed = false;
  }

  /**
   * Counts a socket that carries no session yet, until it closes. False: a limit is reached.
   *
   * @param address `null`: a proxy's, whose clients are known only from their requests
   */
  hold(socket: Socket, address: string | null): boolean {
    const key = address === null ? null : addressKey(address);
    if (!this.#sockets.hasRoomFor(key, this.#limits)) return false;
    const release = this.#sockets.add(key);
    this.#held.set(socket, release);
    socket.once('close', release);
    return true;
  }

  /** True while a socket is counted and carries no session. */
  holds(socket: Socket): boolean {
    return this.#held.has(socket);
  }

  /**
   * True if this address may open one more session now. The attempt counts towards the rate of
   * connects, and a refusal is logged.
   *
   * @param socket that will carry the session alone; it stops counting as a socket without session
   */
  admits(address: string, socket?: Socket): boolean {
    if (this.hasRoomFor(address, socket) && this.#rates.takeConnect(address)) return true;
    this.refused(address);
    return false;
  }

  /** @param socket as in `admits` */
  hasRoomFor(address: string, socket?: Socket): boolean {
    const key = addressKey(address);
    if (this.#isClosed || !this.#isServed()) return false;
    if (!this.#sessions.hasRoomFor(key, this.#limits)) return false;
    if (socket === undefined) return true;
    this.#giveBack(socket);
    return this.#sockets.hasRoomFor(key, this.#limits);
  }

  /**
   * Counts a session. The function that is returned uncounts it, once.
   *
   * @param socket that carries the session alone, and that is not counted twice
   */
  open(address: string, socket?: Socket): () => void {
    const key = addressKey(address);
    const endSession = this.#sessions.add(key);
    if (socket === undefined) return endSession;
    this.#giveBack(socket);
    const endSocket = this.#sockets.add(key);
    return () => {
      endSession();
      endSocket();
    };
  }

  /** Logs that a client was refused because a limit is reached. */
  refused(address: string): void {
    // While the server drains, or its store is given up, the log says so already.
    if (this.#isClosed || !this.#isServed()) return;
    const text =
      'connection refused; --connections-max, --connections-per-address-max and --connect-refill-ms are the limits';
    this.#warnings?.warn('connection', { peer: address, open: this.#sockets.total }, text);
  }

  #giveBack(socket: Socket): void {
    const release = this.#held.get(socket);
    if (release === undefined) return;
    this.#held.delete(socket);
    // The listener would otherwise stay on the socket for as long as it is open.
    socket.off('close', release);
    release();
  }
}

/** A total count, and one for each address. */
class Tally {
  readonly #perAddress = new Map<string, number>();
  total = 0;
  /** Callers of `whenEmpty` that still wait. */
  #waiting: (() => void)[] = [];

  whenEmpty(): Promise<void> {
    if (this.total === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  hasRoomFor(
    key: string | null,
    { connectionsMax, connectionsPerAddressMax }: ConnectionLimits,
  ): boolean {
    const fromThere = key === null ? 0 : (this.#perAddress.get(key) ?? 0);
    return this.total < connectionsMax && fromThere < connectionsPerAddressMax;
  }

  /** Counts one. The function that is returned uncounts it, once. */
  add(key: string | null): () => void {
    this.total += 1;
    if (key !== null) this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1);
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      this.total -= 1;
      if (key !== null) this.#takeOff(key);
      if (this.total > 0) return;
      for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  #takeOff(key: string): void {
    const left = (this.#perAddress.get(key) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(key);
    else this.#perAddress.set(key, left);
  }
}
