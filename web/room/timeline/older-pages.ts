import { type ReadonlySignal, signal } from '@preact/signals';
import type { ReadHistory } from './history-page.ts';
import { olderPageOf } from './published.ts';
import { isComplete, type OlderPage, READ_LINES_MAX, type Timeline, topOf } from './timeline.ts';

export type Loading = 'idle' | 'loading' | 'failed';

export interface OlderPagesOptions {
  /** Adds a page at the top; returns false if it does not fit there any more. */
  readonly add: (page: OlderPage) => boolean;
  readonly read: ReadHistory;
  readonly roomId: string;
  readonly timeline: ReadonlySignal<Timeline>;
}

/** Loads older messages page by page, with one request at a time. */
export class OlderPages {
  readonly #options: OlderPagesOptions;
  readonly #state = signal<Loading>('idle');
  #request = new AbortController();

  constructor(options: OlderPagesOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<Loading> {
    return this.#state;
  }

  /** Loads the next page if one can be loaded now. After a failure, only `retry` loads. */
  load(): void {
    if (this.#state.value === 'idle' && this.#canLoad()) void this.#load(); // does not throw
  }

  retry(): void {
    if (this.#state.value !== 'failed') return;
    this.#state.value = 'idle';
    this.load();
  }

  /**
   * Allows `load` again, because a failure before a reconnect says nothing about the next
   * request.
   */
  clearFailure(): void {
    if (this.#state.value === 'failed') this.#state.value = 'idle';
  }

  stop(): void {
    this.#request.abort();
  }

  #canLoad(): boolean {
    const timeline = this.#options.timeline.value;
    const { lines, past } = timeline;
    // The newest page comes first; it is still on its way.
    if (!isComplete(timeline) || topOf(timeline) !== 'more') return false;
    return past.length + lines.length < READ_LINES_MAX;
  }

  async #load(): Promise<void> {
    const { add, read, roomId, timeline } = this.#options;
    const before = timeline.value.span?.from ?? 1;
    const request = new AbortController();
    this.#request = request;
    this.#state.value = 'loading';
    const page = await read(roomId, before, request.signal);
    if (request.signal.aborted) return;
    if (page !== null && add(olderPageOf(before, page))) this.#state.value = 'idle';
    // If the top has moved meanwhile, the answer is merely outdated, and the next request differs.
    else this.#state.value = timeline.value.span?.from === before ? 'failed' : 'idle';
  }
}
