import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../clock.ts';
import {
  afterEnd,
  afterOpen,
  afterWaiting,
  type ConnectionState,
  firstTry,
} from './connection-state.ts';
import type { Link, LinkEnd, OpenLink } from './link.ts';

/** A user of the connection. On every new link it subscribes again and sends what is unanswered. */
export interface Member {
  onDisconnected?(): void;
  onConnected(link: Link): void;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly open: OpenLink;
  /** Returns a number from 0 to 1, like `Math.random`. */
  readonly random: () => number;
}

/**
 * Opens one link after another for the lifetime of the page and never gives up. It has its own
 * reconnect loop, because that of stompjs has no jitter and ends for good when something throws in
 * it. Members decide what is sent over a link.
 */
export class Connection {
  readonly #members = new Set<Member>();
  readonly #options: ConnectionOptions;
  readonly #state;
  #cancelRetry: () => void = () => {};
  #link: Link | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#state = signal<ConnectionState>(firstTry(options.clock.now()));
    this.#connect();
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  /** Adds a member; it gets the present link, if any, and every later one. Returns its removal. */
  join(member: Member): () => void {
    this.#members.add(member);
    if (this.#link !== null) member.onConnected(this.#link);
    return () => this.#members.delete(member);
  }

  /** Ends the present wait at once. The delay after the next failure still grows. */
  tryNow(): void {
    if (this.#state.value.phase !== 'waiting') return;
    this.#cancelRetry();
    this.#state.value = afterWaiting(this.#state.value);
    this.#connect();
  }

  /** Ends the present link; the usual reconnect follows. */
  cut(): void {
    this.#link?.cut();
  }

  #connect(): void {
    this.#options.open({
      onOpened: (link) => this.#opened(link),
      onEnded: (end) => this.#ended(end),
    });
  }

  #opened(link: Link): void {
    this.#link = link;
    this.#state.value = afterOpen(this.#state.value, this.#options.clock.now());
    // A copy, because a member may leave during the call.
    for (const member of [...this.#members]) member.onConnected(link);
  }

  #ended(end: LinkEnd): void {
    const { clock, random } = this.#options;
    const wasOpen = this.#link !== null;
    this.#link = null;
    const nowMs = clock.now();
    const next = afterEnd(this.#state.value, end, nowMs, random());
    this.#state.value = next;
    if (next.phase === 'waiting') {
      this.#cancelRetry = clock.after(next.retryAtMs - nowMs, () => this.tryNow());
    }
    if (wasOpen) for (const member of [...this.#members]) member.onDisconnected?.();
  }
}
