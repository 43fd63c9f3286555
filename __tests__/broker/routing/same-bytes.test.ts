// A subscriber that shares its bytes with others, live or from pages of a history, gets the same
// octets as a subscriber that is served frame by frame, except for the `ack` header of 1.2.

import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createBroker } from '../../../broker/broker.ts';
import type { WireEncoding } from '../../../broker/transport/transport.ts';
import { anySeats, anyStep, ROOMS, type Seat } from '../../support/any-scene.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { Member, type Pair, Scene, TALKER } from '../../support/scene.ts';
import { turns } from '../../support/turns.ts';
import { rawHeader } from '../../support/unwrap.ts';
import { wireEncodings } from '../../support/wire-client.ts';

let encodings: readonly WireEncoding[] = [];

beforeEach(async () => {
  encodings = await wireEncodings();
});

function positionOf(frame: string): number {
  return Number(rawHeader(frame, 'x-stream-offset'));
}

/** True if `all` contains all of `some`, in the same order. */
function isAmong(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const one of all) if (one === some[at]) at += 1;
  return at === some.length;
}

/** Expects that a pair got the same, except for ephemeral messages that the slower one missed. */
function expectSame({ acks, shares }: Pair): void {
  const got = acks.lasting;
  expect(got).toEqual(acks.hasLeft ? shares.lasting.slice(0, got.length) : shares.lasting);
  expect(isAmong(acks.messages, shares.messages)).toBe(true);
}

/** Expects that both got all messages from their start on, up to the end or until they left. */
function expectRest({ acks, shares }: Pair, live: Member): void {
  for (const late of [acks, shares]) {
    const got = late.lasting;
    const rest = live.lasting.filter((frame) => positionOf(frame) >= late.start);
    expect(got).toEqual(late.hasLeft ? rest.slice(0, got.length) : rest);
    expect(isAmong(late.messages, live.messages)).toBe(true);
  }
}

test('the fast path and the general path give the same bytes, live and of a history', async () => {
  const steps = fc.array(anyStep, { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(anySeats, steps, async (sat, taken) => {
      const scene = new Scene(sat, encodings);
      await scene.play(taken);
      for (const [at, { place }] of sat.entries()) {
        if (ROOMS.includes(place)) await scene.comeLate(at);
      }

      for (const pair of scene.live) {
        expectSame(pair);
        if (!ROOMS.includes(pair.shares.seat.place)) continue;
        const positions = pair.shares.lasting.map(positionOf);
        expect(positions).toEqual(positions.map((_, index) => index + 1));
      }
      for (const pair of scene.joined) {
        const { seat } = pair.shares;
        const live = scene.live[sat.indexOf(seat)]?.shares;
        if (live === undefined || !ROOMS.includes(seat.place)) expectSame(pair);
        else expectRest(pair, live);
      }
      await scene.stop();
    }),
    { numRuns: 60 },
  );
});

test.each([0, 1, 2, 3])(
  'those in the same place are written the very same, on wire %i',
  async (wire) => {
    const seat: Seat = { ...TALKER, id: 's', place: '/topic/chat/room/7', wire };
    const broker = createBroker({ engine: 'memory' }, { clock: new FakeClock() });
    await broker.start();
    const where = { accept: broker.accept, encodings };
    const live = [new Member(where, seat), new Member(where, seat)];
    const say = (text: string) => broker.publish(seat.place, text);
    await Promise.all(['one', 'two', 'three'].map(say));
    const alone = live.map(({ client }) => client.packets.slice(2));
    for (let said = 4; said <= 150; said += 1) void say(`${said}`);
    await turns();

    const late: Member[] = [];
    for (const start of ['first', 'first', 'offset=30']) {
      late.push(new Member(where, seat, { start }));
      await turns(10);
    }

    expect(alone[0]).toHaveLength(1);
    expect(alone[1]?.[0]).toBe(alone[0]?.[0]);
    const [first, second, third] = late.map(({ client }) => client.packets.slice(2));
    expect(first).toHaveLength(3);
    // Only `toBe` on single buffers tells two buffers with the same octets apart.
    for (const [at, packet] of first?.entries() ?? []) expect(second?.[at]).toBe(packet);
    for (const at of [1, 2]) expect(third?.[at]).toBe(first?.[at]);
    await broker.stop();
  },
);
