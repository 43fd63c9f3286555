import type { RoomHistoryPage } from '../../../shared/history.ts';
import type { ReadHistory } from '../../../web/room/timeline/history-page.ts';

/** A history that records requests; the test answers them. */
export class FakeHistory {
  /** The `before` positions of all requests, in order. */
  readonly asked: number[] = [];
  readonly signals: AbortSignal[] = [];
  #answer: (page: RoomHistoryPage | null) => void = () => {};

  readonly read: ReadHistory = (_roomId, before, signal) => {
    this.asked.push(before);
    this.signals.push(signal);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  };

  async answer(page: RoomHistoryPage | null): Promise<void> {
    this.#answer(page);
    await Promise.resolve();
  }
}
