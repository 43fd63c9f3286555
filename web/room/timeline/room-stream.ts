import { type ReadonlySignal, signal } from '@preact/signals';
import { HISTORY_PAGE } from '../../../shared/history.ts';
import type { Beginning, Delivery, Link, Start } from '../../connection/link.ts';
import { lineOf } from './published.ts';
import {
  accepted,
  begun,
  broken,
  EMPTY_TIMELINE,
  FOLLOWED_LINES_MAX,
  heard,
  type Line,
  type OlderPage,
  passed,
  READ_LINES_MAX,
  resumed,
  type Timeline,
  trimmed,
  withOlder,
} from './timeline.ts';

export interface RoomStreamOptions {
  readonly destination: string;
  /** Somebody's message is there. True if this page was waiting for it: its own. */
  readonly onPublished: (line: Line) => boolean;
}

/**
 * What is said in a room, over as many links as it takes: first the newest page, after a break what
 * was missed. Can that no longer be had, the timeline says so and begins anew. Who speaks, and what
 * is older, is left to others.
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

  /** `onSubscribed`: from here on nothing is missed. */
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
        if (isCurrent) this.#heard(delivery);
      },
    };
    this.#unsubscribe = link.subscribe(this.#options.destination, subscriber, start);
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** One's own message was accepted; the message itself is on its way. */
  accept(line: Line): void {
    this.#change(accepted(this.#timeline.value, line));
  }

  /** False: it does not belong there, or no longer. */
  addOlder(page: OlderPage): boolean {
    const before = this.#timeline.value;
    // Told first: what is published must not be shown as waiting as well.
    const lines = page.lines.map((line) => this.#named(line));
    this.#timeline.value = withOlder(before, { ...page, lines });
    return this.#timeline.value !== before;
  }

  /** Whether somebody looks at the end: then what is far above may go. */
  setFollowed(isFollowed: boolean): void {
    this.#linesMax = isFollowed ? FOLLOWED_LINES_MAX : READ_LINES_MAX;
    this.#change(this.#timeline.value);
  }

  #begin(start: Start, beginning: Beginning | null): void {
    if (beginning === null) return;
    if (start.type === 'offset') this.#change(resumed(this.#timeline.value, beginning));
    if (start.type === 'last') this.#change(begun(this.#timeline.value, beginning, start.count));
  }

  #beginAnew(link: Link, { epoch }: Beginning, onSubscribed: () => void): void {
    this.#unsubscribe();
    this.#change(broken(this.#timeline.value, epoch));
    this.follow(link, onSubscribed);
  }

  #heard({ body, position }: Delivery): void {
    const { span } = this.#timeline.value;
    if (span === null || position === null) return; // TYPING, and what else is not kept
    const line = lineOf(body, span.epoch, position);
    this.#change(
      line === null
        ? passed(this.#timeline.value, position)
        : heard(this.#timeline.value, this.#named(line)),
    );
  }

  /** What one waited for keeps the name under which it waited. */
  #named(line: Line): Line {
    return this.#options.onPublished(line) ? { ...line, key: line.id } : line;
  }

  #change(timeline: Timeline): void {
    this.#timeline.value = trimmed(timeline, this.#linesMax);
  }
}
