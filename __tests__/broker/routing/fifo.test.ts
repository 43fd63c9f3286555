import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fifo } from '../../../broker/routing/fifo.ts';

describe('a fifo', () => {
  test('that is empty has nothing to give, and stays empty', () => {
    const fifo = new Fifo<string>();

    expect(fifo.shift()).toBeUndefined();
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.length).toBe(0);
  });

  test('gives what it was given, in order, however puts and takes follow each other', () => {
    // The runs are long enough for the array to be compacted in between.
    const runs = fc.array(fc.tuple(fc.nat(200), fc.nat(200)), { maxLength: 20 });
    fc.assert(
      fc.property(runs, (lengths) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        let next = 0;

        for (const [puts, takes] of lengths) {
          for (let count = 0; count < puts; count += 1) {
            fifo.push(next);
            model.push(next);
            next += 1;
          }
          for (let count = 0; count < takes; count += 1) expect(fifo.shift()).toBe(model.shift());
          expect(fifo.length).toBe(model.length);
        }
      }),
    );
  });

  test('takes and gives a hundred thousand in far less than the square of them', () => {
    const fifo = new Fifo<number>();
    for (let item = 0; item < 100_000; item += 1) fifo.push(item);

    let last = -1;
    for (let item = fifo.shift(); item !== undefined; item = fifo.shift()) last = item;

    expect(last).toBe(99_999);
  });
});
