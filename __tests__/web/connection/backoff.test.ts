import { describe, expect, test } from '@jest/globals';
import { retryDelayMs, triesAfterLoss } from '../../../web/connection/backoff.ts';

describe('the delay before the next attempt', () => {
  test('has an upper bound that doubles from half a second to twenty seconds', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((tries) => retryDelayMs(tries, 1));

    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  test('is never shorter than a quarter of a second', () => {
    expect([0, 1, 5, 100].map((tries) => retryDelayMs(tries, 0))).toEqual([250, 250, 250, 250]);
  });

  test('spreads over the whole range in between', () => {
    expect(retryDelayMs(4, 0.5)).toBe(2_125);
  });

  test('stays finite after any number of attempts', () => {
    expect(retryDelayMs(100_000, 1)).toBe(20_000);
  });
});

describe('the failures counted after a loss', () => {
  test('start again when the connection was stable', () => {
    expect(triesAfterLoss(7, 5_000)).toBe(1);
  });

  test('keep growing when it was lost right after opening', () => {
    expect(triesAfterLoss(7, 4_999)).toBe(8);
  });
});
