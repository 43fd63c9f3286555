import type { Ends, HistoryPage } from '../../engine/engine.ts';
import type { ResolvedStart } from '../commands/start-position.ts';

/** The part of a resolved start that tells which positions are owed. */
export type CursorStart = Pick<ResolvedStart, 'head' | 'isLenient' | 'mayStartLater' | 'next'>;

/** The position of one subscription in a stream: what it was delivered, and what it missed. */
export class StreamCursor {
  /** Damaged positions are passed over until the subscription has caught up. */
  #isLenient = false;
  /** No position was promised or delivered: it may begin with the oldest that is still kept. */
  #mayStartLater = false;
  /** The newest position that could not be taken when it came; 0: nothing was missed. */
  #missed = 0;
  /** The lowest position that was not delivered yet; `null`: whichever comes first. */
  #next: number | null = null;

  /** @param start `null`: the stream begins with whatever comes first */
  constructor(start: CursorStart | null) {
    if (start !== null) this.begin(start);
  }

  /** Sets the start of a stream of which nothing was delivered yet; live messages may have come. */
  begin({ head, isLenient, mayStartLater, next }: CursorStart): void {
    this.#isLenient = isLenient;
    this.#mayStartLater = mayStartLater;
    this.#next = next;
    const missed = Math.max(this.#missed, head);
    this.#missed = missed >= next ? missed : 0;
  }

  /**
   * The ends of the stream as they were before the first live message came: messages since then are
   * owed to a subscription, and are not part of the history that it starts with.
   */
  endsBefore({ head, oldest }: Ends): Ends {
    return { head: Math.min(head, (this.#next ?? head + 1) - 1), oldest };
  }

  /** True while something is owed that only the history still has. */
  get isBehind(): boolean {
    return this.#missed > 0;
  }

  /** The position to read from. */
  get next(): number {
    return this.#next ?? 1;
  }

  /**
   * True if everything up to this position was delivered, and nothing above it; for `null`, true if
   * the stream has no positions at all.
   */
  isAt(offset: number | null): boolean {
    if (this.#missed > 0) return false;
    return this.#next === null || (offset !== null && this.#next === offset + 1);
  }

  /** True if a live message is owed; false: it was already read from the history. */
  isOwed(offset: number): boolean {
    this.#next ??= offset;
    return offset >= this.#next;
  }

  /** A live message did not fit, and has to be read from the history. */
  miss(offset: number): void {
    this.#missed = offset;
  }

  /** Notes that everything up to this position is delivered. */
  advance(offset: number): void {
    this.#next = offset + 1;
    this.#mayStartLater = false;
  }

  /**
   * Takes a page that was read from `next` on, and skips what may be skipped. False: the page lacks
   * a message that is owed.
   */
  accept(page: HistoryPage): boolean {
    const from = this.next;
    const [first] = page.publications;
    const isOvertaken = from < page.oldest && !this.#mayStartLater;
    if (isOvertaken) return false;
    if (!this.#isLenient && !isWhole(page, Math.max(from, page.oldest))) return false;
    if (first?.offset !== from) this.#next = first?.offset ?? page.head + 1;
    return true;
  }

  /** Checks, after a page or a part of one was delivered, whether nothing is owed any more. */
  checkCaughtUp(): void {
    if (this.#next === null || this.#next <= this.#missed) return;
    // Messages that were committed since the page was read come live, above it.
    this.#missed = 0;
    this.#isLenient = false;
  }
}

/** True if the page has every message from a position on. */
function isWhole({ publications }: HistoryPage, from: number): boolean {
  const last = publications.at(-1)?.offset ?? from - 1;
  return publications.length > 0 && publications.length === last - from + 1;
}
