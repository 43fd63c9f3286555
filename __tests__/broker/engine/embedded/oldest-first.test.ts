import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OldestFirst } from '../../../../broker/engine/embedded/oldest-first.ts';

/** A stream with the times of its messages, oldest first. */
interface Stream {
  times: number[];
}

/** The stream that is first in truth, as whoever asks finds out. */
function firstOf(order: OldestFirst<Stream>): { stream: Stream; looks: number } | null {
  for (let looks = 1; ; looks += 1) {
    const stream = order.first();
    if (stream === undefined) return null;
    if (order.isFirst(stream.times[0] ?? Number.NaN)) return { stream, looks };
  }
}

describe('OldestFirst', () => {
  test('has nothing first when it is empty', () => {
    const order = new OldestFirst<Stream>();

    expect([order.first(), order.isFirst(1)]).toEqual([undefined, false]);
  });

  test('does not look at a stream that is known to be younger', () => {
    const order = new OldestFirst<Stream>();
    const streams = Array.from({ length: 100 }, (_, at) => ({ times: [at] }));
    for (const stream of streams) order.add(stream, stream.times[0] ?? 0);

    expect(firstOf(order)).toEqual({ stream: streams[0], looks: 1 });
  });

  test('is in order whatever comes, goes and comes back', () => {
    const step = fc.record({
      type: fc.constantFrom('append', 'append', 'drop', 'drop', 'remove', 'restart'),
      which: fc.nat({ max: 7 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const order = new OldestFirst<Stream>();
        const streams = Array.from({ length: 8 }, (): Stream => ({ times: [] }));
        for (const [now, { type, which }] of steps.entries()) {
          const stream = streams[which] ?? { times: [] };
          if (type === 'append') {
            stream.times.push(now);
            order.add(stream, now);
          }
          if (type === 'remove') {
            stream.times = [];
            order.remove(stream);
          }
          if (type === 'restart') {
            order.clear();
            for (const one of streams) if (one.times.length > 0) order.add(one, -1);
          }
          if (type !== 'drop') continue;
          const least = Math.min(...streams.flatMap(({ times }) => times));
          const found = firstOf(order);
          expect(found?.stream.times[0] ?? Number.POSITIVE_INFINITY).toBe(least);
          found?.stream.times.shift();
          if (found?.stream.times.length === 0) order.remove(found.stream);
        }
        expect(order.size).toBe(streams.filter(({ times }) => times.length > 0).length);
      }),
    );
  });
});
