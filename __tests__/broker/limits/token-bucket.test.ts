import { describe, expect, test } from '@jest/globals';
import type { Waiter } from '../../../broker/limits/token-bucket.ts';
import { TokenBuckets } from '../../../broker/limits/token-buckets.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { turns } from '../../support/turns.ts';

interface Rig {
  readonly buckets: TokenBuckets;
  readonly clock: FakeClock;
  /** The waiters that were served, in order. */
  readonly served: string[];
  wait(name: string, waiter?: Waiter): void;
}

/** An empty bucket. */
function emptyBucket(rate = { burst: 10, perSecond: 10 }): Rig {
  const clock = new FakeClock();
  const buckets = new TokenBuckets(clock, rate, 100);
  const served: string[] = [];
  const bucket = buckets.of('Kim');
  bucket.take(rate.burst);
  const wait = (name: string, waiter: Waiter = {}) => {
    void bucket.wait(waiter).then(() => served.push(name));
  };
  return { buckets, clock, served, wait };
}

describe('waiting for a token', () => {
  test('ends when there is one, in the order in which they came', async () => {
    const { clock, served, wait } = emptyBucket();
    for (const name of ['a', 'b', 'c']) wait(name);

    clock.advance(99);
    await turns();
    expect(served).toEqual([]);
    clock.advance(1);
    await turns();
    expect(served).toEqual(['a']);
    clock.advance(200);
    await turns();
    expect(served).toEqual(['a', 'b', 'c']);
  });

  test('lets nobody pass', async () => {
    const { buckets, clock, served, wait } = emptyBucket();
    wait('a');

    clock.advance(99);
    expect(buckets.take('Kim')).toBe(false);
    clock.advance(1);
    await turns();

    expect(served).toEqual(['a']);
  });

  test('ends without a token for whoever is released', async () => {
    const { buckets, clock, served, wait } = emptyBucket();
    const gone = {};
    wait('gone', gone);
    wait('b');

    buckets.of('Kim').release(gone);
    await turns();
    expect(served).toEqual(['gone']);
    clock.advance(100);
    await turns();

    expect(served).toEqual(['gone', 'b']);
  });

  test('is served by one timer, however many wait', async () => {
    const { clock, served, wait } = emptyBucket({ burst: 1_000, perSecond: 1_000 });
    for (let at = 0; at < 100; at += 1) wait(`${at}`);

    expect(clock.taskCount).toBe(1);
    clock.advance(10);
    await turns();
    expect(served).toHaveLength(10);
    clock.advance(90);
    await turns();

    expect(served).toHaveLength(100);
    expect(clock.taskCount).toBe(0);
  });
});

describe('a bucket that is kept', () => {
  test('releases whoever waits at the one that counts now', async () => {
    const { buckets, served, wait } = emptyBucket();
    const [kept, waiter] = [buckets.of('Kim'), {}];
    for (let at = 0; at < 100; at += 1) buckets.take(`key ${at}`);
    void kept.wait(waiter).then(() => served.push('late'));
    wait('new', {});
    for (let at = 0; at < 2; at += 1) kept.release(waiter);
    await turns();

    expect(served).toContain('late');
  });

  test('counts together with the one of its key, after it was forgotten', () => {
    const buckets = new TokenBuckets(new FakeClock(), { burst: 2, perSecond: 1 });
    const [one, other] = [buckets.of('Kim'), buckets.of('Kim')];
    // Both are full and equal new ones, so a new key takes their place.
    buckets.of('Lee');
    buckets.of('Park');

    expect([one.take(), buckets.take('Kim'), other.take()]).toEqual([true, true, false]);
  });

  test('tells how long its next token takes', () => {
    const clock = new FakeClock();
    const bucket = new TokenBuckets(clock, { burst: 1, perSecond: 2 }).of('Kim');

    const before = bucket.waitMs();
    bucket.take();
    clock.advance(100);

    expect([before, bucket.waitMs()]).toEqual([0, 400]);
  });

  test('lets half of its burst more through after a pause, at the most', () => {
    const clock = new FakeClock();
    const bucket = new TokenBuckets(clock, { burst: 10, perSecond: 1 }).of('Kim');
    for (let taken = 0; taken < 5; taken += 1) bucket.take();
    clock.advance(60_000);

    let taken = 0;
    while (bucket.take()) taken += 1;

    expect(taken).toBeGreaterThanOrEqual(10);
    expect(taken).toBeLessThanOrEqual(15);
  });
});

describe('what is charged afterwards', () => {
  test('may be more than is there, but never more than a burst', () => {
    const { buckets, clock } = emptyBucket();
    const bucket = buckets.of('Kim');

    bucket.charge(5);
    expect(bucket.waitMs()).toBe(600);
    bucket.charge(1_000_000);
    expect(bucket.waitMs()).toBe(1_100);
    clock.advance(1_100);

    expect(bucket.take()).toBe(true);
  });
});
