// Messages of one person in one room that are not yet known to be published. The outbox outlives
// links and visits; its storage outlives the page. The room decides how an accepted message is
// shown, and the storage decides which page owns an entry.

import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../../clock.ts';
import type { Answer } from '../../connection/link.ts';
import { newMessageId } from '../../message-id.ts';
import {
  type DeliveryState,
  isSame,
  type MessageIdentity,
  merged,
  nextToSend,
  OUTBOX_ENTRIES_MAX,
  type OutboxEntries,
  type OutboxEntry,
  resumed,
  withDeliveryState,
  without,
} from './outbox-entries.ts';
import type { OutboxStorage } from './outbox-storage.ts';

/** Keeps a backlog below the broker's default rate of 50 messages per second and session. */
const BETWEEN_SENDS_MS = 25;
/** Pause after `RATE_LIMITED`: other tabs or rooms of this person share the same rate. */
const AFTER_TOO_FAST_MS = 1_000;

export type SendEntry = (entry: OutboxEntry, onAnswered: (answer: Answer) => void) => void;

/**
 * While attached to a link, sends its entries in order, each under its original id, until every
 * entry is accepted or refused. After `close` it ignores what other pages do.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #entries = signal<OutboxEntries>([]);
  readonly #storage: OutboxStorage;
  readonly #unwatch: () => void;
  #cancelPause: () => void = () => {};
  #isPaused = false;
  #send: SendEntry | null = null;

  constructor(clock: Clock, storage: OutboxStorage) {
    this.#clock = clock;
    this.#storage = storage;
    this.#unwatch = storage.watch({
      onFound: (entries) => this.#found(entries),
      onRemoved: (id) => this.#settle(id),
    });
  }

  get entries(): ReadonlySignal<OutboxEntries> {
    return this.#entries;
  }

  /** Returns false if the outbox is full; the message is then not queued. */
  add(id: string, sender: string, text: string): boolean {
    const entries = this.#entries.value;
    if (entries.length >= OUTBOX_ENTRIES_MAX) return false;
    const queuedAtMs = Math.max(this.#clock.now(), (entries.at(-1)?.queuedAtMs ?? 0) + 1);
    const deliveryState: DeliveryState = { type: 'waiting' };
    const entry: OutboxEntry = { id, sender, text, queuedAtMs, triedAtMs: null, deliveryState };
    this.#entries.value = [...entries, entry];
    this.#storage.put(entry);
    this.#sendNext();
    return true;
  }

  attach(send: SendEntry): void {
    this.#entries.value = resumed(this.#entries.value, this.#clock.now());
    this.#send = send;
    this.#sendNext();
  }

  /**
   * Unanswered entries wait and are sent again over the next link, unless their answer arrives
   * first.
   */
  detach(): void {
    this.#send = null;
    this.#entries.value = this.#entries.value.map((entry) =>
      entry.deliveryState.type === 'in-flight'
        ? { ...entry, deliveryState: { type: 'waiting' } }
        : entry,
    );
    this.#cancelPause();
    this.#isPaused = false;
  }

  close(): void {
    this.detach();
    this.#unwatch();
  }

  /** Sends all waiting entries without awaiting answers, because the room is about to be left. */
  flush(): void {
    for (const entry of this.#entries.value) {
      if (entry.deliveryState.type === 'waiting') this.#sendOut(entry);
    }
  }

  /** Sends a failed entry again; it keeps its place in the order. */
  retry(id: string): void {
    const entry = this.#find(id);
    if (entry?.deliveryState.type !== 'failed') return;
    const isTaken = entry.deliveryState.refusal.code === 'ID_TAKEN';
    if (isTaken) this.#storage.remove(id);
    this.#replace(id, {
      ...entry,
      // The broker would refuse a taken id every time. The message was never published under it,
      // so a new id cannot duplicate it.
      id: isTaken ? newMessageId() : id,
      triedAtMs: null,
      deliveryState: { type: 'waiting' },
    });
    this.#sendNext();
  }

  /** Drops a failed entry; other entries cannot be discarded. */
  discard(id: string): void {
    if (this.#find(id)?.deliveryState.type === 'failed') this.#settle(id);
  }

  /** Settles the entry that a published message belongs to. Returns false if there is none. */
  arrived(said: MessageIdentity): boolean {
    const entry = this.#find(said.id);
    if (entry === undefined || !isSame(entry, said)) return false;
    this.#settle(said.id);
    return true;
  }

  #settle(id: string): void {
    const entries = without(this.#entries.value, id);
    if (entries === this.#entries.value) return;
    this.#entries.value = entries;
    this.#storage.remove(id);
    this.#pause(BETWEEN_SENDS_MS);
  }

  #found(entries: OutboxEntries): void {
    const found = resumed(entries, this.#clock.now()).slice(0, OUTBOX_ENTRIES_MAX);
    this.#entries.value = merged(this.#entries.value, found);
    this.#sendNext();
  }

  #find(id: string): OutboxEntry | undefined {
    return this.#entries.value.find((entry) => entry.id === id);
  }

  #replace(id: string, entry: OutboxEntry): void {
    this.#entries.value = this.#entries.value.map((other) => (other.id === id ? entry : other));
    this.#storage.put(entry);
  }

  #pause(ms: number): void {
    if (this.#isPaused || this.#send === null) return;
    this.#isPaused = true;
    this.#cancelPause = this.#clock.after(ms, () => {
      this.#isPaused = false;
      this.#sendNext();
    });
  }

  #sendNext(): void {
    const entry = nextToSend(this.#entries.value);
    if (entry !== null && !this.#isPaused) this.#sendOut(entry);
  }

  #sendOut({ id }: OutboxEntry): void {
    const entry = this.#find(id);
    if (entry === undefined || this.#send === null) return;
    // Stored before it is sent: after a reload, only the storage knows that it may have arrived.
    this.#replace(id, {
      ...entry,
      triedAtMs: this.#clock.now(),
      deliveryState: { type: 'in-flight' },
    });
    this.#send(entry, (answer) => this.#answered(id, answer));
  }

  #answered(id: string, answer: Answer): void {
    const entry = this.#find(id);
    if (answer.type === 'accepted') this.#settle(id);
    else if (entry !== undefined) this.#refused(entry, answer);
  }

  #refused(entry: OutboxEntry, { refusal }: Extract<Answer, { type: 'refused' }>): void {
    switch (refusal.code) {
      case 'STORE_STOPPED':
        // The server is shutting down: wait for the next link.
        this.#entries.value = withDeliveryState(this.#entries.value, entry.id, { type: 'waiting' });
        this.detach();
        return;
      case 'RATE_LIMITED':
        this.#entries.value = withDeliveryState(this.#entries.value, entry.id, { type: 'waiting' });
        this.#pause(AFTER_TOO_FAST_MS);
        return;
      default:
        this.#replace(entry.id, { ...entry, deliveryState: { type: 'failed', refusal } });
        this.#pause(BETWEEN_SENDS_MS);
    }
  }
}
