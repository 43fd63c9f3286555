import { describe, expect, test } from '@jest/globals';
import { retryDelayMs, triesAfterLoss } from '../../../web/connection/backoff.ts';

describe('the delay before the next try', () => {
  test('at its longest doubles from half a second to twenty', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8].map((tries) => retryDelayMs(tries, 1));

    expect(longest).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  test('is never shorter than a quarter of a second', () => {
    expect([0, 1, 5, 100].map((tries) => retryDelayMs(tries, 0))).toEqual([250, 250, 250, 250]);
  });

  test('spreads over the whole range between', () => {
    expect(retryDelayMs(4, 0.5)).toBe(2_125);
  });

  test('stays finite however often it was tried', () => {
    expect(retryDelayMs(100_000, 1)).toBe(20_000);
  });
});

describe('the tries that count after a loss', () => {
  test('start anew when the connection had held', () => {
    expect(triesAfterLoss(7, 5_000)).toBe(1);
  });

  test('go on growing when it was lost right after opening', () => {
    expect(triesAfterLoss(7, 4_999)).toBe(8);
  });
});
