import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatMessage } from '../../shared/chat-message.ts';
import type { ChatDestinations } from '../../shared/destinations.ts';
import { afterPresence, type PresenceState } from '../../shared/presence.ts';
import type { Refusal } from '../../shared/refusal.ts';
import type { Connection, Member } from '../connection/connection.ts';
import type { Answer, Delivery, Link } from '../connection/link.ts';
import { newMessageId } from '../message-id.ts';
import type { Outbox } from './outbox.ts';
import type { OutboxEntry } from './outbox-entries.ts';
import { parsePresence } from './presence-message.ts';
import { entryOf } from './published.ts';
import { type Timeline, withEntry, withoutPositions } from './timeline.ts';

/** Whether the broker let this person in. */
export type Admission =
  | { readonly type: 'asked' }
  | { readonly type: 'in' }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export interface RoomVisitOptions {
  readonly connection: Connection;
  readonly destinations: ChatDestinations;
  readonly outbox: Outbox;
  readonly roomId: string;
  readonly sender: string;
}

/**
 * Somebody's stay in a room, from entering to leaving, over as many links as it takes. On each it
 * subscribes, enters when both subscriptions are live, and only then lets the outbox speak: so one
 * misses neither the own ENTER nor the echo of what is sent. The outbox outlives the visit.
 */
export class RoomVisit implements Member {
  readonly #admission = signal<Admission>({ type: 'asked' });
  readonly #options: RoomVisitOptions;
  readonly #presence = signal<PresenceState | null>(null);
  readonly #timeline = signal<Timeline>([]);
  #disconnect: () => void = () => {};
  #epoch: string | null = null;
  #hasEntered = false;
  #keys = 0;
  #link: Link | null = null;
  #unsubscribe: readonly (() => void)[] = [];

  constructor(options: RoomVisitOptions) {
    this.#options = options;
  }

  get admission(): ReadonlySignal<Admission> {
    return this.#admission;
  }

  get presence(): ReadonlySignal<PresenceState | null> {
    return this.#presence;
  }

  get timeline(): ReadonlySignal<Timeline> {
    return this.#timeline;
  }

  begin(): void {
    this.#disconnect = this.#options.connection.join(this);
  }

  /** False: the outbox is full. */
  say(text: string): boolean {
    const { outbox, sender } = this.#options;
    return outbox.add(newMessageId(), sender, text);
  }

  leave(): void {
    const { outbox } = this.#options;
    this.#disconnect();
    outbox.flush();
    outbox.detach();
    if (this.#hasEntered) this.#send({ type: 'LEAVE' }, () => {});
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#link = null;
  }

  onLink(link: Link): void {
    this.#link = link;
    if (link.epoch === null || link.epoch !== this.#epoch) {
      this.#timeline.value = withoutPositions(this.#timeline.value);
    }
    this.#epoch = link.epoch;
    const { destinations, roomId } = this.#options;
    let subscriptionsLeft = 2;
    const onLive = () => {
      subscriptionsLeft -= 1;
      if (subscriptionsLeft === 0 && this.#link === link) this.#enter();
    };
    this.#unsubscribe = [
      link.subscribe(destinations.roomOf(roomId), { onLive, onMessage: (it) => this.#heard(it) }),
      link.subscribe(destinations.presenceOf(roomId), {
        onLive,
        onMessage: ({ body }) => this.#counted(body),
      }),
    ];
  }

  onAway(): void {
    this.#link = null;
    this.#options.outbox.detach();
  }

  #enter(): void {
    // Once it was sent, nobody knows whether it was announced: the broker knows who is there.
    const resume = this.#hasEntered ? { resume: true } : {};
    this.#hasEntered = true;
    this.#send({ type: 'ENTER', ...resume }, (answer) => {
      this.#admission.value = answer.type === 'refused' ? answer : { type: 'in' };
    });
    this.#options.outbox.attach((entry, onAnswer) => this.#sendEntry(entry, onAnswer));
  }

  #sendEntry(entry: OutboxEntry, onAnswer: (answer: Answer) => void): void {
    const { id, sender, text } = entry;
    this.#send({ type: 'TALK', sender, message: text, id }, (answer) => {
      if (answer.type === 'accepted') this.#accepted(entry, answer.position);
      onAnswer(answer);
    });
  }

  #send(
    message: Pick<ChatMessage, 'type'> & Partial<ChatMessage>,
    onAnswer: (answer: Answer) => void,
  ): void {
    const { destinations, roomId, sender } = this.#options;
    const body: ChatMessage = { roomId, sender, message: '', id: newMessageId(), ...message };
    this.#link?.send(destinations.send, body, onAnswer);
  }

  #heard(delivery: Delivery): void {
    const entry = entryOf(delivery);
    if (entry === null) return;
    const isAwaited = this.#options.outbox.arrived(entry.id);
    this.#keys += 1;
    const key = isAwaited ? entry.id : `#${this.#keys}`;
    this.#timeline.value = withEntry(this.#timeline.value, { key, ...entry });
  }

  #accepted({ id, queuedAtMs, sender, text }: OutboxEntry, position: number | null): void {
    this.#timeline.value = withEntry(this.#timeline.value, {
      key: id,
      id,
      type: 'TALK',
      sender,
      text,
      atMs: queuedAtMs,
      position,
      isPublished: false,
    });
  }

  #counted(body: unknown): void {
    const message = parsePresence(body);
    if (message !== null) this.#presence.value = afterPresence(this.#presence.value, message);
  }
}
