import type { HistoryPage } from '../../engine/engine.ts';
import type { ResolvedStart } from '../commands/start-position.ts';

/** The part of a resolved start that says which positions are owed. */
export type CursorStart = Pick<ResolvedStart, 'head' | 'isLenient' | 'mayStartLater' | 'next'>;

/** Where one subscription stands in a stream: what it got, and what it missed and has to read. */
export class StreamCursor {
  /** Damaged positions are passed over until the subscription has caught up. */
  #isLenient: boolean;
  /** No position was promised or delivered: it may begin with the oldest that is still kept. */
  #mayStartLater: boolean;
  /** The newest position that could not be taken when it came; 0: nothing was missed. */
  #missed = 0;
  /** The lowest position that was not delivered yet; `null`: whichever comes first. */
  #next: number | null;

  /** @param start `null`: the stream begins with whatever comes first */
  constructor(start: CursorStart | null) {
    this.#isLenient = start?.isLenient ?? false;
    this.#mayStartLater = start?.mayStartLater ?? false;
    this.#next = start?.next ?? null;
    if (start !== null && start.next <= start.head) this.#missed = start.head;
  }

  /** True while something is owed that only the history still has. */
  get isBehind(): boolean {
    return this.#missed > 0;
  }

  /** The position to read from. */
  get next(): number {
    return this.#next ?? 1;
  }

  /** Whether everything up to this position was delivered, and nothing above it. */
  isAt(offset: number): boolean {
    return this.#missed === 0 && this.#next === offset + 1;
  }

  /** Whether a live message is owed; false: it was read from the history already. */
  isOwed(offset: number): boolean {
    this.#next ??= offset;
    return offset >= this.#next;
  }

  /** A live message could not be taken: it is to be read from the history. */
  miss(offset: number): void {
    this.#missed = offset;
  }

  /** Everything up to this position is delivered. */
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

  /** Notes that a page was delivered, or a part of it: perhaps nothing is owed any more. */
  checkCaughtUp(): void {
    if (this.#next === null || this.#next <= this.#missed) return;
    // Messages that were committed since the page was read are above it, and come live.
    this.#missed = 0;
    this.#isLenient = false;
  }
}

/** Whether all messages from a position on are there, to the end of the page. */
function isWhole({ publications }: HistoryPage, from: number): boolean {
  const last = publications.at(-1)?.offset ?? from - 1;
  return publications.length > 0 && publications.length === last - from + 1;
}
