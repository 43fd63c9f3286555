import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnsentPackets } from '../../../broker/limits/unsent-packets.ts';
import type { Packet } from '../../../broker/packet.ts';

const LARGE = 1 << 20;

/** A budget that sums up what is counted. */
function counted() {
  const budget = { bytes: 0, count: (bytes: number) => (budget.bytes += bytes) };
  return { budget, unsent: new UnsentPackets(budget) };
}

describe('packets that wait to be sent', () => {
  test('count once what is in memory once, however many sockets wait with it', () => {
    const { budget, unsent } = counted();
    const packet = Buffer.alloc(LARGE);

    for (let socket = 0; socket < 100; socket += 1) unsent.hold(packet);

    expect(budget.bytes).toBeGreaterThan(LARGE);
    expect(budget.bytes).toBeLessThan(2 * LARGE);
  });

  test('count a part that several packets contain once', () => {
    const { budget, unsent } = counted();
    const tail = Buffer.alloc(LARGE);

    for (const head of ['a', 'b', 'c']) unsent.hold([Buffer.from(head), tail]);

    expect(budget.bytes).toBeGreaterThan(LARGE);
    expect(budget.bytes).toBeLessThan(LARGE + 10_000);
  });

  test('cost something each, however small they are', () => {
    const { budget, unsent } = counted();

    for (let write = 0; write < 1_000; write += 1) unsent.hold(Buffer.from('x'));

    expect(budget.bytes).toBeGreaterThan(1_000 * 500);
  });

  test('count nothing once all are released, in whatever order', () => {
    const [one, other] = [Buffer.alloc(LARGE), Buffer.alloc(5_000)];
    const small = Buffer.from('small');
    const packets: Packet[] = [one, other, small, [small, one], [one, other], 'x'.repeat(LARGE)];
    const anyHeld = fc.array(fc.constantFrom(...packets), { maxLength: 30 });
    fc.assert(
      fc.property(
        anyHeld.chain((held) =>
          fc.tuple(
            fc.constant(held),
            fc.shuffledSubarray(held, { minLength: held.length, maxLength: held.length }),
          ),
        ),
        ([held, released]) => {
          const { budget, unsent } = counted();
          for (const packet of held) unsent.hold(packet);
          for (const packet of released) unsent.release(packet);

          expect([budget.bytes, unsent.bytes]).toEqual([0, 0]);
        },
      ),
    );
  });
});
