import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Consumer, Queued } from '../../../broker/routing/consumer.ts';
import type { Queue } from '../../../broker/routing/queue.ts';
import { queuesHarness, turnEnds } from './queues-harness.ts';

const QUEUE = '/queue/a';
const RETRY_MS_MAX = 60_000;

type Step =
  | { readonly do: 'put' | 'turn' }
  | { readonly do: 'give up' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'subscribe'; readonly window: number; readonly isAuto: boolean }
  | { readonly do: 'ack' | 'nack' | 'leave'; readonly at: number };

const at = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Step>({ do: 'put' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'turn' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'give up' }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat(3_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('subscribe'),
      window: fc.integer({ min: 1, max: 3 }),
      isAuto: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('ack'), at }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('nack'), at }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave'), at }) },
) as fc.Arbitrary<Step>;

/** The place of every message, as the consumers see it. */
class Ledger {
  readonly accepted = new Set<string>();
  readonly gone = new Set<string>();
  readonly held = new Map<string, ModelConsumer>();

  take(queued: Queued, consumer: ModelConsumer): string {
    const body = queued.message.body.toString();
    expect(this.accepted).toContain(body);
    expect(this.gone).not.toContain(body);
    expect(this.held.has(body)).toBe(false);
    this.held.set(body, consumer);
    return body;
  }

  settle(queued: Queued, isGone: boolean): void {
    const body = queued.message.body.toString();
    expect(this.held.delete(body)).toBe(true);
    if (isGone) this.gone.add(body);
  }
}

class ModelConsumer implements Consumer {
  readonly open: Queued[] = [];
  readonly #isAuto: boolean;
  readonly #ledger: Ledger;
  readonly #window: number;
  #lastNew = 0;
  #taken = 0;

  constructor(ledger: Ledger, window: number, isAuto: boolean) {
    this.#ledger = ledger;
    this.#window = window;
    this.#isAuto = isAuto;
  }

  get hasRoom(): boolean {
    // An `auto` consumer is full only until the messages that it took are written.
    return (this.#isAuto ? this.#taken : this.open.length) < this.#window;
  }

  take(queued: Queued): boolean {
    expect(this.hasRoom).toBe(true);
    this.#ledger.take(queued, this);
    if (queued.deliveries === 1) {
      expect(queued.sequence).toBeGreaterThan(this.#lastNew);
      this.#lastNew = queued.sequence;
    }
    this.#taken += 1;
    if (this.#isAuto) this.#ledger.settle(queued, true);
    else this.open.push(queued);
    return this.#isAuto;
  }

  flush(): void {
    this.#taken = 0;
  }
}

function world() {
  const harness = queuesHarness({ queueCount: 8, queueDeliveriesMax: Number.MAX_SAFE_INTEGER });
  const { clock, messageOf, queues, subscribe } = harness;
  const ledger = new Ledger();
  const consumers: { readonly consumer: ModelConsumer; readonly queue: Queue }[] = [];
  let put = 0;

  const join = (window: number, isAuto: boolean) => {
    const consumer = new ModelConsumer(ledger, window, isAuto);
    consumers.push({ consumer, queue: subscribe(QUEUE, consumer) });
  };
  const leave = (place: number) => {
    const [left] = consumers.splice(place % consumers.length, 1);
    if (left === undefined) return;
    const open = left.consumer.open.splice(0);
    for (const queued of open) ledger.settle(queued, false);
    left.queue.remove(left.consumer, open);
  };
  const settle = (place: number, isAck: boolean) => {
    const { consumer, queue } = consumers[place % consumers.length] ?? {};
    // The oldest or any other: `client-individual` settles in any order.
    const [queued] = consumer?.open.splice(place % consumer.open.length, 1) ?? [];
    if (consumer === undefined || queue === undefined || queued === undefined) return;
    ledger.settle(queued, isAck);
    if (isAck) queue.acknowledge(queued);
    else queue.reject(queued, consumer);
    queue.ready(consumer);
  };
  const offer = (isKept: boolean) => {
    put += 1;
    const body = String(put);
    const reserved = queues.reserve(QUEUE, messageOf(body), null);
    const kept = ledger.accepted.size - ledger.gone.size;
    expect(typeof reserved === 'string').toBe(kept >= 8);
    if (typeof reserved === 'string') return;
    if (!isKept) {
      reserved.cancel();
      return;
    }
    ledger.accepted.add(body);
    reserved.put();
  };
  const run = async (todo: Step) => {
    if (todo.do === 'put') offer(true);
    if (todo.do === 'give up') offer(false);
    if (todo.do === 'turn') await turnEnds();
    if (todo.do === 'wait') clock.advance(todo.ms);
    if (todo.do === 'subscribe') join(todo.window, todo.isAuto);
    if (todo.do === 'ack') settle(todo.at, true);
    if (todo.do === 'nack') settle(todo.at, false);
    if (todo.do === 'leave') leave(todo.at);
  };
  return { ...harness, consumers, join, leave, ledger, run };
}

describe('whatever happens to a queue,', () => {
  const steps = fc.array(step, { maxLength: 60 });

  test('no message is lost, is with two at once, or is new to a consumer after a newer one', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const { clock, consumers, join, leave, ledger, queues, run } = world();

        for (const one of todo) await run(one);
        while (consumers.length > 0) leave(0);
        join(1, true);
        await turnEnds();
        for (let turn = 0; turn < 10; turn += 1) {
          clock.advance(RETRY_MS_MAX);
          await turnEnds();
        }
        leave(0);

        expect(ledger.gone).toEqual(ledger.accepted);
        expect(queues.size).toBe(0);
        expect(clock.taskCount).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('nothing waits while somebody has room, once the delays are over', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const { clock, consumers, ledger, run } = world();

        for (const one of todo) await run(one);
        clock.advance(RETRY_MS_MAX);
        for (let turn = 0; turn < 10; turn += 1) await turnEnds();

        const waiting = ledger.accepted.size - ledger.gone.size - ledger.held.size;
        const withRoom = consumers.filter(({ consumer }) => consumer.hasRoom);
        expect(waiting === 0 || withRoom.length === 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('all its bytes are free again when it is empty', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (todo) => {
        const { clock, consumers, join, leave, messageOf, queues, run } = world();

        for (const one of todo) await run(one);
        while (consumers.length > 0) leave(0);
        join(1, true);
        clock.advance(RETRY_MS_MAX);
        for (let turn = 0; turn < 10; turn += 1) await turnEnds();
        const whole = queues.reserve(QUEUE, messageOf('x'.repeat(1_000_000)), null);

        expect(whole).not.toBe('QUEUE_FULL');
      }),
      { numRuns: 100 },
    );
  });
});
