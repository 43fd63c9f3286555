import { describe, expect, test } from '@jest/globals';
import { resolveConfig } from '../../../broker/config.ts';
import { RateLimits } from '../../../broker/limits/rate-limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const ADDRESS = '192.0.2.1';
const KEY = `address ${ADDRESS}`;

function defaults() {
  const clock = new FakeClock();
  return { clock, rates: new RateLimits(clock, resolveConfig({})) };
}

describe('the default rates', () => {
  test('let 10,000 clients of one address come back in 2.5 s, with all that they do then', () => {
    const { clock, rates } = defaults();
    let refused = 0;
    const count = (isTaken: boolean) => {
      if (!isTaken) refused += 1;
    };

    for (let at = 0; at < 10_000; at += 1) {
      count(rates.takeConnect(ADDRESS));
      for (let subscribed = 0; subscribed < 4; subscribed += 1) {
        count(rates.frames.take(KEY));
        count(rates.subscribes.take(KEY));
      }
      // The ENTER of a chat.
      count(rates.frames.take(KEY));
      count(rates.sends.take(KEY));
      count(rates.chatAddresses.take(ADDRESS));
      clock.advance(0.25);
    }

    expect(refused).toBe(0);
  });

  test('let an office of 1,000 behind one address talk and scroll for an hour', () => {
    const { clock, rates } = defaults();
    let refused = 0;

    for (let second = 0; second < 3_600; second += 1) {
      for (let person = 0; person < 1_000; person += 1) {
        if (!rates.frames.take(KEY) || !rates.sends.take(KEY)) refused += 1;
        if (!rates.chatAddresses.take(ADDRESS)) refused += 1;
        if (person % 10 === second % 10 && rates.takePage(ADDRESS) > 0) refused += 1;
      }
      clock.advance(1_000);
    }

    expect(refused).toBe(0);
  });

  test('hold what one address may do in a while', () => {
    const { clock, rates } = defaults();
    const taken = { connects: 0, frames: 0, pages: 0, sends: 0, subscribes: 0 };

    for (let tick = 0; tick < 100; tick += 1) {
      for (let at = 0; at < 5_000; at += 1) {
        if (rates.takeConnect(ADDRESS)) taken.connects += 1;
        if (rates.frames.take(KEY)) taken.frames += 1;
        if (rates.takePage(ADDRESS) === 0) taken.pages += 1;
        if (rates.sends.take(KEY)) taken.sends += 1;
        if (rates.subscribes.take(KEY)) taken.subscribes += 1;
      }
      clock.advance(100);
    }

    // The burst, and ten seconds at the rate except the last tick.
    expect(taken).toEqual({
      connects: 20_000 + 19_800,
      frames: 40_000 + 198_000,
      pages: 1_000 + 1_980,
      sends: 20_000 + 99_000,
      subscribes: 20_000 + 99_000,
    });
  });
});

test('a rate of 0 is none', () => {
  const clock = new FakeClock();
  const none = {
    chatAddressRate: 0,
    chatRate: 0,
    connectRefillMs: 0,
    frameRate: 0,
    historyPageRate: 0,
    historyRate: 0,
    sendRate: 0,
    subscribeRate: 0,
  };
  const rates = new RateLimits(clock, resolveConfig({ ...none, connectionsPerAddressMax: 1 }));

  for (let at = 0; at < 1_000; at += 1) {
    expect(rates.takeConnect(ADDRESS)).toBe(true);
    expect(rates.takePage(ADDRESS)).toBe(0);
    for (const kind of ['chatAddresses', 'chatters', 'frames', 'histories', 'sends'] as const) {
      expect(rates[kind].take(KEY)).toBe(true);
    }
  }
});
