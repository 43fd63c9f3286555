import { clientKey, type KeyedClient } from '../limits/client-key.ts';

export interface QueueShareLimits {
  /** Bytes in queues that one user or, without one, one address has sent. */
  readonly queueBytesPerAddress: number;
  /** Bytes in queues that one session has sent. */
  readonly queueBytesPerSession: number;
  /** Queues that one user or, without one, one address has made. */
  readonly queuesPerAddressMax: number;
  /** Queues that one session has made. */
  readonly queuesPerSessionMax: number;
}

interface Tally {
  bytes: number;
  queues: number;
}

/**
 * Counts the queues that clients made, until those are forgotten, and the bytes that they sent,
 * until those have left. A share belongs to the user or, without one, to the address, so it
 * outlasts the session.
 */
export class QueueShares {
  readonly #bySession = new WeakMap<KeyedClient, QueueShare>();
  readonly #limits: QueueShareLimits;
  readonly #tallies = new Map<string, Tally>();

  constructor(limits: QueueShareLimits) {
    this.#limits = limits;
  }

  /** The number of users and addresses that have anything in the queues. */
  get size(): number {
    return this.#tallies.size;
  }

  /** The share of a session: the same one for the same object. */
  of(session: KeyedClient): QueueShare {
    let share = this.#bySession.get(session);
    if (share === undefined) {
      share = new QueueShare(clientKey(session), this.#tallies, this.#limits);
      this.#bySession.set(session, share);
    }
    return share;
  }
}

/** The queues and bytes of one session, which count for its user or address as well. */
export class QueueShare {
  readonly #key: string;
  readonly #limits: QueueShareLimits;
  readonly #own: Tally = { bytes: 0, queues: 0 };
  readonly #tallies: Map<string, Tally>;

  constructor(key: string, tallies: Map<string, Tally>, limits: QueueShareLimits) {
    this.#key = key;
    this.#tallies = tallies;
    this.#limits = limits;
  }

  get mayMakeQueue(): boolean {
    const { queuesPerAddressMax, queuesPerSessionMax } = this.#limits;
    if (this.#own.queues >= queuesPerSessionMax) return false;
    return (this.#tallies.get(this.#key)?.queues ?? 0) < queuesPerAddressMax;
  }

  hasRoomFor(bytes: number): boolean {
    const { queueBytesPerAddress, queueBytesPerSession } = this.#limits;
    if (this.#own.bytes + bytes > queueBytesPerSession) return false;
    return (this.#tallies.get(this.#key)?.bytes ?? 0) + bytes <= queueBytesPerAddress;
  }

  /** Counts bytes that it has sent; a negative number: they have left. */
  countBytes(bytes: number): void {
    this.#count(bytes, 0);
  }

  /** Counts a queue that it has made; -1: the queue is forgotten. */
  countQueue(queues: 1 | -1): void {
    this.#count(0, queues);
  }

  #count(bytes: number, queues: number): void {
    this.#own.bytes += bytes;
    this.#own.queues += queues;
    const tally = this.#tallies.get(this.#key) ?? { bytes: 0, queues: 0 };
    tally.bytes += bytes;
    tally.queues += queues;
    // Empty tallies are dropped, so there are never more tallies than queues and messages.
    if (tally.bytes === 0 && tally.queues === 0) this.#tallies.delete(this.#key);
    else this.#tallies.set(this.#key, tally);
  }
}
