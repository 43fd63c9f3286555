import { describe, expect, test } from '@jest/globals';
import { RateLimits } from '../../../broker/limits/rate-limits.ts';
import { type ConnectionLimits, Connections } from '../../../broker/transport/connections.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { rateSettings } from '../limits/rate-settings.ts';

function connectionsOf(limits: ConnectionLimits, connectRefillMs = 0) {
  const clock = new FakeClock();
  const rates = new RateLimits(clock, rateSettings({ ...limits, connectRefillMs }));
  return { clock, connections: new Connections(limits, rates) };
}

describe('connections', () => {
  test('has room until the limit over all is reached', () => {
    const { connections } = connectionsOf({ connectionsMax: 2, connectionsPerAddressMax: 9 });

    connections.open('a');
    expect(connections.hasRoomFor('c')).toBe(true);
    connections.open('b');

    expect(connections.hasRoomFor('c')).toBe(false);
    expect(connections.total).toBe(2);
  });

  test('has room until the limit of one address is reached, for that address', () => {
    const { connections } = connectionsOf({ connectionsMax: 9, connectionsPerAddressMax: 1 });

    connections.open('a');

    expect(connections.hasRoomFor('a')).toBe(false);
    expect(connections.hasRoomFor('b')).toBe(true);
  });

  test('takes a connection off once, however often it is told', () => {
    const { connections } = connectionsOf({ connectionsMax: 9, connectionsPerAddressMax: 2 });
    connections.open('a');
    const close = connections.open('a');

    close();
    close();

    expect(connections.total).toBe(1);
    expect(connections.hasRoomFor('a')).toBe(true);
    connections.open('a');
    expect(connections.hasRoomFor('a')).toBe(false);
  });

  test('counts the addresses of one customer together', () => {
    const { connections } = connectionsOf({ connectionsMax: 9, connectionsPerAddressMax: 2 });
    const close = connections.open('2001:db8::1');
    connections.open('2001:db8::2');

    expect(connections.hasRoomFor('2001:db8::3')).toBe(false);
    expect(connections.hasRoomFor('2001:db8:0:1::1')).toBe(true);
    close();
    expect(connections.hasRoomFor('2001:db8::3')).toBe(true);
  });

  test('admits no more connects of an address in a while than it may have at once', () => {
    const limits = { connectionsMax: 99, connectionsPerAddressMax: 4 };
    const { clock, connections } = connectionsOf(limits, 10_000);
    const reconnects = (count: number, address = 'a') => {
      let admitted = 0;
      for (let at = 0; at < count; at += 1) {
        if (!connections.admits(address)) continue;
        admitted += 1;
        connections.open(address)();
      }
      return admitted;
    };

    expect(reconnects(9)).toBe(4);
    expect(reconnects(9, 'b')).toBe(4);
    clock.advance(5_000);
    expect(reconnects(9)).toBe(2);
    clock.advance(10_000);
    expect(reconnects(9)).toBe(4);
  });

  test('takes nothing from the rate for a connection that has no room anyway', () => {
    const limits = { connectionsMax: 1, connectionsPerAddressMax: 2 };
    const { connections } = connectionsOf(limits, 10_000);
    const close = connections.open('b');

    expect([connections.admits('a'), connections.admits('a')]).toEqual([false, false]);
    close();
    expect(connections.admits('a')).toBe(true);
  });

  test('has room for nobody once it is closed', () => {
    const { connections } = connectionsOf({ connectionsMax: 9, connectionsPerAddressMax: 9 });

    connections.close();

    expect(connections.hasRoomFor('a')).toBe(false);
  });
});

test('tell once that no session is open any more', async () => {
  const { connections } = connectionsOf({ connectionsMax: 9, connectionsPerAddressMax: 9 });
  const [first, second] = [connections.open('a'), connections.open('b')];
  let isEmpty = false;
  const empty = connections.whenEmpty().then(() => {
    isEmpty = true;
  });

  first();
  await Promise.resolve();
  expect(isEmpty).toBe(false);
  second();
  await empty;

  await expect(connections.whenEmpty()).resolves.toBeUndefined();
});
