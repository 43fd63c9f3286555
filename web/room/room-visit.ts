import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatMessage } from '../../shared/chat-message.ts';
import type { ChatDestinations } from '../../shared/destinations.ts';
import { afterPresence, type PresenceState } from '../../shared/presence.ts';
import type { Refusal } from '../../shared/refusal.ts';
import type { Clock } from '../clock.ts';
import type { Connection, Member } from '../connection/connection.ts';
import type { Answer, Link } from '../connection/link.ts';
import { newMessageId } from '../message-id.ts';
import type { MembershipRecord } from './membership-record.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { OutboxEntry } from './outbox/outbox-entries.ts';
import { parsePresence } from './presence-message.ts';
import type { ReadHistory } from './timeline/history-page.ts';
import { OlderPages } from './timeline/older-pages.ts';
import { RoomStream } from './timeline/room-stream.ts';

/** Pause after `RATE_LIMITED`: other tabs or other people at this address share the rate. */
const AFTER_TOO_FAST_MS = 1_000;

/** The broker's answer to ENTER. */
export type Admission =
  | { readonly type: 'asked' }
  | { readonly type: 'in' }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export interface RoomVisitOptions {
  readonly clock: Clock;
  readonly connection: Connection;
  readonly destinations: ChatDestinations;
  readonly outbox: Outbox;
  readonly readHistory: ReadHistory;
  readonly roomId: string;
  readonly sender: string;
  readonly membershipRecord: MembershipRecord;
}

/**
 * One person's visit to a room, from entering to leaving, over any number of links. On each link it
 * subscribes, sends ENTER once both subscriptions are confirmed, and only then attaches the outbox,
 * so neither the own ENTER nor the echo of a message is missed. The outbox outlives the visit.
 */
export class RoomVisit implements Member {
  readonly older: OlderPages;
  readonly outbox: Outbox;
  readonly stream: RoomStream;
  readonly #admission = signal<Admission>({ type: 'asked' });
  readonly #options: RoomVisitOptions;
  readonly #presence = signal<PresenceState | null>(null);
  #cancelRetry: () => void = () => {};
  #disconnect: () => void = () => {};
  #hasEntered = false;
  #link: Link | null = null;
  #unsubscribe: () => void = () => {};
  /** True if this tab was in the room before a reload. */
  readonly #wasIn: boolean;

  constructor(options: RoomVisitOptions) {
    const { destinations, outbox, readHistory, roomId, sender, membershipRecord } = options;
    this.#options = options;
    this.#wasIn = membershipRecord.has(roomId, sender);
    this.outbox = outbox;
    this.stream = new RoomStream({
      destination: destinations.roomOf(roomId),
      onPublished: (line) => outbox.arrived(line),
    });
    this.older = new OlderPages({
      add: (page) => this.stream.addOlder(page),
      read: readHistory,
      roomId,
      timeline: this.stream.timeline,
    });
  }

  get admission(): ReadonlySignal<Admission> {
    return this.#admission;
  }

  get presence(): ReadonlySignal<PresenceState | null> {
    return this.#presence;
  }

  begin(): void {
    this.#disconnect = this.#options.connection.join(this);
  }

  /** Returns false if the outbox is full. */
  say(text: string): boolean {
    const { outbox, sender } = this.#options;
    return outbox.add(newMessageId(), sender, text);
  }

  leave(): void {
    const { outbox } = this.#options;
    this.#disconnect();
    this.#cancelRetry();
    this.older.stop();
    outbox.flush();
    outbox.detach();
    if (this.#hasEntered) this.#send({ type: 'LEAVE' }, () => {});
    this.#options.membershipRecord.remove(this.#options.roomId);
    this.stream.stop();
    this.#unsubscribe();
    this.#link = null;
  }

  onConnected(link: Link): void {
    this.#link = link;
    this.older.clearFailure();
    const { destinations, roomId } = this.#options;
    let subscriptionsLeft = 2;
    const onSubscribed = () => {
      subscriptionsLeft -= 1;
      if (subscriptionsLeft === 0 && this.#link === link) this.#enter();
    };
    this.stream.follow(link, onSubscribed);
    this.#unsubscribe = link.subscribe(destinations.presenceOf(roomId), {
      onSubscribed,
      onMessage: ({ body }) => this.#updatePresence(body),
    });
  }

  onDisconnected(): void {
    this.#cancelRetry();
    this.#link = null;
    this.#options.outbox.detach();
  }

  #enter(): void {
    this.#sendEnter();
    this.#options.outbox.attach((entry, onAnswered) => this.#sendEntry(entry, onAnswered));
  }

  #sendEnter(): void {
    // If an ENTER was sent before, by this page or before its reload, the page cannot tell
    // whether it was announced. With `resume`, the broker announces it only if the person is not
    // there already.
    const resume = this.#hasEntered || this.#wasIn ? { resume: true } : {};
    this.#hasEntered = true;
    this.#options.membershipRecord.add(this.#options.roomId, this.#options.sender);
    this.#send({ type: 'ENTER', ...resume }, (answer) => this.#answered(answer));
  }

  #answered(answer: Answer): void {
    if (answer.type === 'refused' && answer.refusal.code === 'RATE_LIMITED') {
      this.#cancelRetry = this.#options.clock.after(AFTER_TOO_FAST_MS, () => this.#sendEnter());
      return;
    }
    this.#admission.value = answer.type === 'refused' ? answer : { type: 'in' };
  }

  #sendEntry(entry: OutboxEntry, onAnswered: (answer: Answer) => void): void {
    const { id, sender, text } = entry;
    this.#send({ type: 'TALK', sender, message: text, id }, (answer) => {
      if (answer.type === 'accepted') this.#accepted(entry, answer.position);
      onAnswered(answer);
    });
  }

  #send(
    message: Pick<ChatMessage, 'type'> & Partial<ChatMessage>,
    onAnswered: (answer: Answer) => void,
  ): void {
    const { destinations, roomId, sender } = this.#options;
    const body: ChatMessage = { roomId, sender, message: '', id: newMessageId(), ...message };
    this.#link?.send(destinations.send, body, onAnswered);
  }

  #accepted({ id, queuedAtMs, sender, text }: OutboxEntry, position: number | null): void {
    if (position === null) return; // does not happen: messages of a room have positions
    const said = { id, type: 'TALK', sender, text, atMs: queuedAtMs } as const;
    this.stream.accept({ key: id, ...said, position, isPublished: false });
  }

  #updatePresence(body: unknown): void {
    const message = parsePresence(body);
    if (message !== null) this.#presence.value = afterPresence(this.#presence.value, message);
  }
}
