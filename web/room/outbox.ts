import { type ReadonlySignal, signal } from '@preact/signals';
import type { Clock } from '../clock.ts';
import type { Answer } from '../connection/link.ts';
import {
  nextToSend,
  OUTBOX_ENTRIES_MAX,
  type OutboxEntries,
  type OutboxEntry,
  withFate,
  withNothingInFlight,
  without,
} from './outbox-entries.ts';

/** The broker takes 50 messages a second of one session; a backlog stays below that. */
const BETWEEN_SENDS_MS = 25;

export type SendEntry = (entry: OutboxEntry, onAnswer: (answer: Answer) => void) => void;
type Fate = OutboxEntry['fate'];

/**
 * What was said in one room and is not known to have arrived. It outlives links and visits: attached
 * to a link it sends, in order and each under its first id, until every entry is accepted or
 * refused. What an accepted message becomes is left to the room.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #entries = signal<OutboxEntries>([]);
  #cancelPause: () => void = () => {};
  #isPaused = false;
  #send: SendEntry | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get entries(): ReadonlySignal<OutboxEntries> {
    return this.#entries;
  }

  /** False: the outbox is full and has not taken it. */
  add(id: string, sender: string, text: string): boolean {
    if (this.#entries.value.length >= OUTBOX_ENTRIES_MAX) return false;
    const queuedAtMs = this.#clock.now();
    const entry: OutboxEntry = { id, sender, text, queuedAtMs, fate: { type: 'waiting' } };
    this.#entries.value = [...this.#entries.value, entry];
    this.#sendNext();
    return true;
  }

  attach(send: SendEntry): void {
    this.#entries.value = withNothingInFlight(this.#entries.value);
    this.#send = send;
    this.#sendNext();
  }

  detach(): void {
    this.#send = null;
    this.#cancelPause();
    this.#isPaused = false;
  }

  /** Sends the rest at once, without waiting for answers: the room is about to be left. */
  flush(): void {
    for (const entry of this.#entries.value) {
      if (entry.fate.type === 'waiting') this.#sendOut(entry);
    }
  }

  retry(id: string): void {
    this.#settle(id, { type: 'waiting' });
    this.#sendNext();
  }

  /** It was seen in the room. True if it was waited for here. */
  arrived(id: string): boolean {
    const entries = without(this.#entries.value, id);
    if (entries === this.#entries.value) return false;
    this.#entries.value = entries;
    this.#pause();
    return true;
  }

  #settle(id: string, fate: Fate): void {
    this.#entries.value = withFate(this.#entries.value, id, fate);
  }

  #pause(): void {
    if (this.#isPaused || this.#send === null) return;
    this.#isPaused = true;
    this.#cancelPause = this.#clock.after(BETWEEN_SENDS_MS, () => {
      this.#isPaused = false;
      this.#sendNext();
    });
  }

  #sendNext(): void {
    const entry = nextToSend(this.#entries.value);
    if (entry !== null && !this.#isPaused) this.#sendOut(entry);
  }

  #sendOut({ id }: OutboxEntry): void {
    const entry = this.#entries.value.find((candidate) => candidate.id === id);
    if (entry === undefined || this.#send === null) return;
    this.#settle(id, { type: 'in-flight' });
    this.#send(entry, (answer) => {
      if (answer.type === 'accepted') this.arrived(id);
      else this.#settle(id, { type: 'failed', refusal: answer.refusal });
      this.#pause();
    });
  }
}
