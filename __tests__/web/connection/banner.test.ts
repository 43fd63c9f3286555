import { describe, expect, test } from '@jest/globals';
import { bannerAt } from '../../../web/connection/banner.ts';
import { afterEnd, afterOpen, firstTry } from '../../../web/connection/connection-state.ts';

const lost = afterEnd(afterOpen(firstTry(0), 0), { type: 'closed' }, 60_000, 1);

describe('the banner', () => {
  test('is hidden while connected', () => {
    expect(bannerAt(afterOpen(firstTry(0), 0), 90_000)).toEqual({ type: 'none' });
  });

  test('is hidden during a short outage', () => {
    expect(bannerAt(lost, 61_499)).toEqual({ type: 'none' });
  });

  test('counts down to the next attempt', () => {
    const state = afterEnd(lost, { type: 'closed' }, 62_000, 1);

    expect(bannerAt(state, 62_000)).toEqual({ type: 'waiting', refusal: null, seconds: 1 });
  });

  test('never counts below one', () => {
    expect(bannerAt(lost, 99_000)).toMatchObject({ seconds: 1 });
  });

  test('gives the reason of a refusal', () => {
    const refusal = { code: 'TOO_MANY_REFUSALS', text: 'full' };
    const state = afterEnd(lost, { type: 'refused', refusal }, 62_000, 1);

    expect(bannerAt(state, 62_000)).toMatchObject({ refusal });
  });

  test('distinguishes the first connection from a reconnect', () => {
    expect(bannerAt(firstTry(0), 2_000)).toEqual({ type: 'connecting', isFirst: true });
    expect(bannerAt({ phase: 'connecting', tries: 2, awaySinceMs: 0 }, 2_000)).toEqual({
      type: 'connecting',
      isFirst: false,
    });
  });
});
