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

/** Who talks over the connection: told of every new link, to subscribe and say again what is due. */
export interface Member {
  onDisconnected?(): void;
  onConnected(link: Link): void;
}

export interface ConnectionOptions {
  readonly clock: Clock;
  readonly open: OpenLink;
  /** From 0 to 1, as `Math.random`. */
  readonly random: () => number;
}

/**
 * One link after another, for as long as the page lives: it never gives up. The delays are its
 * own (stompjs has no jitter, and one throw inside its loop ends the loop for ever); what goes
 * over a link is left to the members.
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

  /** Tells the member of the present link, if there is one, and of every later one. */
  join(member: Member): () => void {
    this.#members.add(member);
    if (this.#link !== null) member.onConnected(this.#link);
    return () => this.#members.delete(member);
  }

  /** Cuts the present wait short. The delay after the next failure grows all the same. */
  tryNow(): void {
    if (this.#state.value.phase !== 'waiting') return;
    this.#cancelRetry();
    this.#state.value = afterWaiting(this.#state.value);
    this.#connect();
  }

  /** Gives the present link up. There is another as soon as it can be had. */
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
    // A copy: a member may leave while it is told.
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
