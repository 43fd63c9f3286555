import { describe, expect, test } from '@jest/globals';
import { BackOff } from '../../../../broker/engine/embedded/back-off.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('BackOff', () => {
  test('doubles its pause with each failure, from 1 s to 60 s', () => {
    const clock = new FakeClock();
    const backOff = new BackOff(clock, () => undefined);

    const pauses = Array.from({ length: 8 }, () => backOff.failed(new Error('full')) / 1_000);

    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(clock.taskCount).toBe(1);
  });

  test('throws the cause until the pause is over, and tries again then', () => {
    const clock = new FakeClock();
    let retries = 0;
    const backOff = new BackOff(clock, () => {
      retries += 1;
    });
    backOff.check();
    backOff.failed(new Error('full'));

    clock.advance(999);
    expect(() => backOff.check()).toThrow('full');
    clock.advance(1);

    expect(retries).toBe(1);
    expect(() => backOff.check()).not.toThrow();
    expect([backOff.isFailing, backOff.failingMs]).toEqual([true, 1_000]);
  });

  test('begins anew after a success', () => {
    const clock = new FakeClock();
    const backOff = new BackOff(clock, () => undefined);
    for (let at = 0; at < 5; at += 1) backOff.failed(new Error('full'));

    backOff.succeeded();

    expect([backOff.isFailing, backOff.failingMs, clock.taskCount]).toEqual([false, 0, 0]);
    expect(backOff.failed(new Error('full'))).toBe(1_000);
  });

  test('is not moved by the wall clock', () => {
    const clock = new FakeClock();
    const backOff = new BackOff(clock, () => undefined);
    backOff.failed(new Error('full'));

    clock.setWall(3_600_000);

    expect(backOff.failingMs).toBe(0);
    expect(() => backOff.check()).toThrow('full');
  });
});
