import { describe, expect, test } from '@jest/globals';
import { TokenBuckets } from '../../../broker/limits/token-buckets.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('TokenBuckets', () => {
  test('lets a burst through, and refills by time', () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets(clock, { burst: 3, perSecond: 2 });

    const burst = [1, 2, 3, 4].map(() => buckets.take('Kim'));
    clock.advance(500);
    const later = [buckets.take('Kim'), buckets.take('Kim')];

    expect(burst).toEqual([true, true, true, false]);
    expect(later).toEqual([true, false]);
  });

  test('keeps the keys apart', () => {
    const buckets = new TokenBuckets(new FakeClock(), { burst: 1, perSecond: 1 });

    expect([buckets.take('Kim'), buckets.take('Lee'), buckets.take('Kim')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('takes several tokens at once, or none', () => {
    const buckets = new TokenBuckets(new FakeClock(), { burst: 5, perSecond: 1 });

    expect([buckets.take('a', 4), buckets.take('a', 2), buckets.take('a', 1)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('is no limit at 0 a second', () => {
    const buckets = new TokenBuckets(new FakeClock(), { burst: 0, perSecond: 0 });

    expect(buckets.take('a', 1_000)).toBe(true);
    expect(buckets.size).toBe(0);
  });

  test('is not moved by a wall clock that is set', () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets(clock, { burst: 1, perSecond: 1 });
    buckets.take('a');

    clock.setWall(-600_000);
    clock.advance(1_000);
    expect(buckets.take('a')).toBe(true);
    clock.setWall(600_000);
    expect(buckets.take('a')).toBe(false);
  });

  test('forgets full buckets for new keys, and never holds more keys than it may', () => {
    const clock = new FakeClock();
    const buckets = new TokenBuckets(clock, { burst: 1, perSecond: 1 }, 10);
    for (let at = 0; at < 50; at += 1) buckets.take(`key ${at}`);
    const held = buckets.size;

    clock.advance(1_000);
    for (let at = 0; at < 5; at += 1) buckets.take(`new ${at}`);

    expect(held).toBe(10);
    expect(buckets.size).toBeLessThanOrEqual(10);
    expect(buckets.take('new 4')).toBe(false);
  });
});
