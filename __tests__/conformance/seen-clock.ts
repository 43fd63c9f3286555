import { until } from '../broker/transport/until.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Stands still as well, and knows that it was looked at, as a session does when octets come. */
export class SeenClock extends FakeClock {
  #looks = 0;

  override monotonic(): number {
    this.#looks += 1;
    return super.monotonic();
  }

  /** Waits until what was said has been heard, where there is no answer to wait for. */
  async heard(say: () => void): Promise<void> {
    const before = this.#looks;
    say();
    await until(() => this.#looks > before);
  }
}
