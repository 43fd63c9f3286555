import type { Consumer, Queued } from '../../../broker/routing/consumer.ts';
import type { Queue } from '../../../broker/routing/queue.ts';

/** A consumer that takes up to its window, or everything if it acknowledges nothing. */
export class TestConsumer implements Consumer {
  readonly bodies: string[] = [];
  readonly open: Queued[] = [];
  readonly #isAuto: boolean;
  readonly #unflushed: Queued[] = [];
  flushes = 0;
  /** The number of messages that it has room for until they are written. */
  unflushedMax = Number.POSITIVE_INFINITY;
  window: number;

  constructor(window = Number.POSITIVE_INFINITY, isAuto = false) {
    this.window = window;
    this.#isAuto = isAuto;
  }

  get hasRoom(): boolean {
    return this.open.length < this.window && this.#unflushed.length < this.unflushedMax;
  }

  take(queued: Queued): boolean {
    if (!this.hasRoom) throw new Error('it was given more than it has room for');
    this.#unflushed.push(queued);
    if (!this.#isAuto) this.open.push(queued);
    return this.#isAuto;
  }

  flush(): void {
    this.flushes += 1;
    const flushed = this.#unflushed.splice(0);
    this.bodies.push(...flushed.map(({ message }) => message.body.toString()));
  }

  acknowledge(queue: Queue): void {
    queue.acknowledge(this.#next());
    queue.ready(this);
  }

  reject(queue: Queue): void {
    queue.reject(this.#next(), this);
    queue.ready(this);
  }

  leave(queue: Queue): void {
    queue.remove(this, this.open.splice(0));
  }

  #next(): Queued {
    const queued = this.open.shift();
    if (queued === undefined) throw new Error('it has nothing to settle');
    return queued;
  }
}
