import { describe, expect, test } from '@jest/globals';
import { MemoryShare } from '../../../../broker/limits/memory-share.ts';
import { DeliveryCredit } from '../../../../broker/session/flow/delivery-credit.ts';

const LIMITS = { openDeliveriesMax: 3, takeBytes: 1_000, unsentBytesMax: 5_000 };

function rig() {
  const memory = new MemoryShare({ count: () => undefined });
  const output = { bufferedBytes: 0 };
  const credit = new DeliveryCredit(LIMITS, memory, output);
  let freed = 0;
  const listener = () => {
    freed += 1;
  };
  credit.onFreed(listener);
  return { credit, freed: () => freed, listener, memory, output };
}

describe('delivery credit', () => {
  test('is exhausted by as many open deliveries as a session may have', () => {
    const { credit } = rig();

    credit.reserve(2);
    expect(credit.isAvailable).toBe(true);
    credit.reserve(1);
    expect(credit.isAvailable).toBe(false);
  });

  test('is told to all who wait when it is available again, and not before', () => {
    const { credit, freed } = rig();
    credit.reserve(4);

    credit.release(1);
    expect(freed()).toBe(0);
    credit.release(1);
    expect(freed()).toBe(1);
    credit.release(1);
    expect(freed()).toBe(1);
  });

  test('is no longer told to a listener that was taken off', () => {
    const { credit, freed, listener } = rig();
    credit.reserve(3);

    credit.offFreed(listener);
    credit.release(1);

    expect(freed()).toBe(0);
  });

  test('is no longer told once the session has ended', () => {
    const { credit, freed } = rig();
    credit.reserve(3);

    credit.close();
    credit.release(3);

    expect(freed()).toBe(0);
    expect(credit.isClosed).toBe(true);
  });

  test('has no room while the socket, or what is about to be written, has filled it', () => {
    const { credit, output } = rig();
    output.bufferedBytes = 400;
    credit.reserveBytes(600);

    expect(credit.roomBytes).toBe(0);
    expect(credit.isAvailable).toBe(false);

    credit.releaseBytes(600);
    expect(credit.roomBytes).toBe(600);
    expect(credit.isAvailable).toBe(true);
  });

  test('is gone with the connection', () => {
    const { credit } = rig();

    credit.connectionLost();

    expect(credit.isAvailable).toBe(false);
  });

  test('counts open deliveries in memory until they are settled', () => {
    const { credit, memory } = rig();

    credit.reserve(3);
    expect(memory.bytes).toBeGreaterThan(0);

    credit.release(3);
    expect(memory.bytes).toBe(0);
  });
});
