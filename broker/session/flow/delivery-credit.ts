// Limits what is delivered to one session before further deliveries wait: the deliveries that await
// their acknowledgement, over all its subscriptions, and the unsent bytes of its socket. The
// prefetch of a single subscription is counted in `deliveries.ts`.

import type { MemoryShare } from '../../limits/memory-share.ts';

export interface DeliveryLimits {
  /** Deliveries of a session that may await their acknowledgement, over all its subscriptions. */
  readonly openDeliveriesMax: number;
  /** Unsent bytes of a connection above which deliveries wait, where they can. */
  readonly takeBytes: number;
  /** Bytes that a connection may have unsent before its session is shed. */
  readonly unsentBytesMax: number;
}

/** Heap bytes of a delivery that awaits its acknowledgement: its entries in two maps. */
const DELIVERY_HEAP_BYTES = 320;

export class DeliveryCredit {
  readonly #limits: DeliveryLimits;
  readonly #memory: MemoryShare;
  readonly #output: { readonly bufferedBytes: number };
  /** `null`: no subscription of this session has had to wait yet, as in most sessions. */
  #listeners: Set<() => void> | null = null;
  #isClosed = false;
  #isConnectionLost = false;
  #openDeliveries = 0;
  #reservedBytes = 0;

  constructor(
    limits: DeliveryLimits,
    memory: MemoryShare,
    output: { readonly bufferedBytes: number },
  ) {
    this.#limits = limits;
    this.#memory = memory;
    this.#output = output;
  }

  /** True once the session has ended: its subscriptions are about to end as well. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** False while the socket is full, too many deliveries are open, or the connection is lost. */
  get isAvailable(): boolean {
    return !this.#isConnectionLost && !this.#isExhausted && this.roomBytes > 0;
  }

  /** Bytes that may still be written before further deliveries wait. */
  get roomBytes(): number {
    const { takeBytes, unsentBytesMax } = this.#limits;
    const unsent = this.#reservedBytes + this.#output.bufferedBytes;
    return Math.min(takeBytes, unsentBytesMax) - unsent;
  }

  /** Counts deliveries that now await their acknowledgement. */
  reserve(deliveries: number): void {
    this.#openDeliveries += deliveries;
    this.#memory.count(deliveries * DELIVERY_HEAP_BYTES);
  }

  /** Counts deliveries that await it no more: they were settled, or given back. */
  release(deliveries: number): void {
    const wasExhausted = this.#isExhausted;
    this.#openDeliveries -= deliveries;
    this.#memory.count(-deliveries * DELIVERY_HEAP_BYTES);
    // Credit that one subscription releases is available to all of them.
    if (wasExhausted && !this.#isExhausted && !this.#isClosed) this.freed();
  }

  /** Counts bytes of deliveries that are encoded and about to be written. */
  reserveBytes(bytes: number): void {
    this.#reservedBytes += bytes;
  }

  /** The bytes are about to be written; from then on the socket counts them. */
  releaseBytes(bytes: number): void {
    this.#reservedBytes -= bytes;
  }

  /** Calls the listener each time credit becomes available again. */
  onFreed(listener: () => void): void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  offFreed(listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  /** The socket has drained, or deliveries were settled: subscriptions that wait go on. */
  freed(): void {
    for (const listener of this.#listeners ?? []) listener();
  }

  /** The connection is lost: nothing more can be delivered. */
  connectionLost(): void {
    this.#isConnectionLost = true;
  }

  /** The session has ended: settled deliveries no longer make subscriptions go on. */
  close(): void {
    this.#isClosed = true;
  }

  get #isExhausted(): boolean {
    return this.#openDeliveries >= this.#limits.openDeliveriesMax;
  }
}
