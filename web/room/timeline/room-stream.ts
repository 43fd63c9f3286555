import { type ReadonlySignal, signal } from '@preact/signals';
import { HISTORY_PAGE } from '../../../shared/history.ts';
import type { Beginning, Delivery, Link, Start } from '../../connection/link.ts';
import { lineOf } from './published.ts';
import {
  accepted,
  EMPTY_TIMELINE,
  FOLLOWED_LINES_MAX,
  interrupted,
  type Line,
  type OlderPage,
  READ_LINES_MAX,
  received,
  resumed,
  skipped,
  started,
  type Timeline,
  trimmed,
  withOlder,
} from './timeline.ts';

export interface RoomStreamOptions {
  readonly destination: string;
  /** Called for each message of the room. Returns true if it was in this page's outbox. */
  readonly onPublished: (line: Line) => boolean;
}

/**
 * Keeps a room's timeline up to date over any number of links. The first link loads the newest
 * page; each later one resumes after the last message received. If messages in between are no
 * longer kept, the timeline shows a gap and starts again with the newest page. Sending and older
 * pages are left to `RoomVisit` and `OlderPages`.
 */
export class RoomStream {
  readonly #options: RoomStreamOptions;
  readonly #timeline = signal<Timeline>(EMPTY_TIMELINE);
  #linesMax = FOLLOWED_LINES_MAX;
  #unsubscribe: () => void = () => {};

  constructor(options: RoomStreamOptions) {
    this.#options = options;
  }

  get timeline(): ReadonlySignal<Timeline> {
    return this.#timeline;
  }

  /** Calls `onSubscribed` once no later message can be missed. */
  follow(link: Link, onSubscribed: () => void): void {
    const { span } = this.#timeline.value;
    const start: Start =
      span === null
        ? { type: 'last', count: HISTORY_PAGE }
        : { type: 'offset', epoch: span.epoch, offset: span.to + 1 };
    let isCurrent = true;
    const subscriber = {
      onSubscribed: (beginning: Beginning | null) => {
        if (beginning !== null && !beginning.isRecovered) {
          isCurrent = false;
          this.#beginAnew(link, beginning, onSubscribed);
        } else {
          this.#begin(start, beginning);
          onSubscribed();
        }
      },
      onMessage: (delivery: Delivery) => {
        if (isCurrent) this.#received(delivery);
      },
    };
    this.#unsubscribe = link.subscribe(this.#options.destination, subscriber, start);
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** Shows an own message once its RECEIPT arrives, before the MESSAGE itself does. */
  accept(line: Line): void {
    this.#change(accepted(this.#timeline.value, line));
  }

  /** Returns false if the page does not fit at the top of the timeline any more. */
  addOlder(page: OlderPage): boolean {
    const before = this.#timeline.value;
    // The outbox hears first, so that no message is shown as published and waiting at once.
    const lines = page.lines.map((line) => this.#withOutboxKey(line));
    this.#timeline.value = withOlder(before, { ...page, lines });
    return this.#timeline.value !== before;
  }

  /** While the reader follows the end, lines far above it may be dropped. */
  setFollowed(isFollowed: boolean): void {
    this.#linesMax = isFollowed ? FOLLOWED_LINES_MAX : READ_LINES_MAX;
    this.#change(this.#timeline.value);
  }

  #begin(start: Start, beginning: Beginning | null): void {
    if (beginning === null) return;
    if (start.type === 'offset') this.#change(resumed(this.#timeline.value, beginning));
    if (start.type === 'last') this.#change(started(this.#timeline.value, beginning, start.count));
  }

  #beginAnew(link: Link, { epoch }: Beginning, onSubscribed: () => void): void {
    this.#unsubscribe();
    this.#change(interrupted(this.#timeline.value, epoch));
    this.follow(link, onSubscribed);
  }

  #received({ body, position }: Delivery): void {
    const { span } = this.#timeline.value;
    if (span === null || position === null) return; // TYPING and other ephemeral messages
    const line = lineOf(body, span.epoch, position);
    this.#change(
      line === null
        ? skipped(this.#timeline.value, position)
        : received(this.#timeline.value, this.#withOutboxKey(line)),
    );
  }

  /** A message from the outbox keeps the key under which it was shown as waiting. */
  #withOutboxKey(line: Line): Line {
    return this.#options.onPublished(line) ? { ...line, key: line.id } : line;
  }

  #change(timeline: Timeline): void {
    this.#timeline.value = trimmed(timeline, this.#linesMax);
  }
}
