// A batch that takes long is delivered in several turns of the event loop.

import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Publication } from '../../../broker/engine/engine.ts';
import type { Packet } from '../../../broker/packet.ts';
import { FanOut } from '../../../broker/routing/fan-out.ts';
import { type Feed, SubscriptionIndex } from '../../../broker/routing/subscription-index.ts';
import { SharedTails } from '../../../broker/session/formats/shared-tails.ts';
import { BareEncoding } from '../../support/bare-encoding.ts';
import { type StompOutlet, stompSubscription } from '../../support/stomp-subscription.ts';

const KIB = 1_024;
const BARE = new BareEncoding('bare');
const TAILS = new SharedTails();

/** Each look at the clock takes as long as a turn may, so a turn ends at its second look. */
const slowClock = () => {
  let now = 0;
  return { monotonic: () => (now += 40) };
};
const stoppedClock = { monotonic: () => 0 };

class TestOutlet implements StompOutlet {
  readonly encoding = BARE;
  readonly version = '1.2';
  readonly written: Packet[] = [];
  bufferedBytes = 0;
  onShed = () => {};

  /** The bodies of its MESSAGEs. */
  get bodies(): string[] {
    const frames = this.written.join('').split('\0').slice(0, -1);
    return frames.map((frame) => frame.slice(frame.indexOf('\n\n') + 2));
  }

  write(packet: Packet): void {
    this.written.push(packet);
  }

  shed(): void {
    this.onShed();
  }
}

function publication(destination: string, body: string): Publication {
  const message = { headers: [], body: Buffer.from(body) };
  return { id: body.slice(0, 9), destination, message, offset: null, isEphemeral: false };
}

let index = new SubscriptionIndex();

beforeEach(() => {
  index = new SubscriptionIndex();
});

function subscribe(topic: string, id: string | null = 's', outlet = new TestOutlet()) {
  const subscription = stompSubscription(topic, id, outlet, TAILS);
  index.add(subscription);
  return { outlet, subscription };
}

function addFeed(topic: string) {
  const taken: string[] = [];
  const take = (publications: readonly Publication[]) => {
    taken.push(...publications.map(({ message }) => String(message.body)));
    return true;
  };
  const feed: Feed = { outlet: new TestOutlet(), serial: 0, take };
  index.addFeed(topic, feed);
  return { feed, taken };
}

function times<T>(count: number, make: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => make(at));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function fanOutWith(clock: { monotonic(): number }): FanOut {
  return new FanOut(index, { unsentBytesMax: 1_000 * KIB }, clock, TAILS);
}

describe('a batch for many', () => {
  test.each([
    ['members of one group', () => times(200, () => subscribe('/topic/x'))],
    ['members with an id each', () => times(200, (at) => subscribe('/topic/x', `${at}`))],
  ])('is delivered in several turns to %s', async (_, fill) => {
    const members = fill();
    const served = () => members.filter(({ outlet }) => outlet.written.length > 0).length;

    const delivering = fanOutWith(slowClock()).deliver([publication('/topic/x', 'hi')]);
    const afterFirst = served();
    await delivering;

    expect(afterFirst).toBeGreaterThan(0);
    expect(afterFirst).toBeLessThan(100);
    expect(members.map(({ outlet }) => outlet.bodies)).toEqual(members.map(() => ['hi']));
  });

  test('is delivered at once where it takes no time', () => {
    const members = times(200, () => subscribe('/topic/x'));

    const delivering = fanOutWith(stoppedClock).deliver([publication('/topic/x', 'hi')]);

    expect(delivering).toBeUndefined();
    expect(members.every(({ outlet }) => outlet.written.length === 1)).toBe(true);
  });

  test('does not look at the clock if it is small', () => {
    times(10, () => subscribe('/topic/x'));
    let looks = 0;
    const clock = { monotonic: () => (looks += 1) };

    void fanOutWith(clock).deliver(times(4, (at) => publication('/topic/x', `${at}`)));

    expect(looks).toBe(0);
  });

  test('looks at the clock after each member if a message is large', async () => {
    const members = times(6, () => subscribe('/topic/x'));
    const served = () => members.filter(({ outlet }) => outlet.written.length > 0).length;

    const delivering = fanOutWith(slowClock()).deliver([
      publication('/topic/x', 'x'.repeat(1_000 * KIB)),
    ]);
    const afterFirst = served();
    await delivering;

    expect(afterFirst).toBe(2);
    expect(served()).toBe(6);
  });

  test('is encoded once, however many turns it takes', async () => {
    for (const at of times(100, String)) subscribe('/topic/x', at);
    const before = BARE.prepared;

    await fanOutWith(slowClock()).deliver([publication('/topic/x', 'hi')]);

    expect(BARE.prepared - before).toBe(1);
  });
});

describe('between two turns of a batch', () => {
  const all = ['/topic/x', '/topic/y'].map((topic) => publication(topic, topic));

  test('who subscribes gets nothing of it', async () => {
    for (const topic of ['/topic/x', '/topic/y']) times(100, () => subscribe(topic));
    const fanOut = fanOutWith(slowClock());

    const delivering = fanOut.deliver(all);
    const late = ['/topic/x', '/topic/y', '/topic/*'].flatMap((topic) => [
      subscribe(topic).outlet,
      subscribe(topic, 'new').outlet,
    ]);
    const feeds = ['/topic/x', '/topic/y'].map(addFeed);
    await delivering;
    const before = [late.map(({ bodies }) => bodies), feeds.map(({ taken }) => [...taken])];
    await fanOut.deliver([publication('/topic/y', 'next')]);

    expect(before.flat().flat()).toEqual([]);
    expect(late.slice(2).every(({ bodies }) => bodies.join() === 'next')).toBe(true);
    expect(feeds.map(({ taken }) => taken)).toEqual([[], ['next']]);
  });

  test('who unsubscribes gets nothing more of it, and the others miss nothing', async () => {
    const members = times(100, () => subscribe('/topic/x'));
    const leaver = addFeed('/topic/x');
    const stayer = addFeed('/topic/x');

    const delivering = fanOutWith(slowClock()).deliver(all);
    const left = members.filter(({ outlet }, at) => outlet.written.length === 0 || at < 10);
    const had = left.map(({ outlet }) => outlet.written.length);
    for (const { subscription } of left.slice(0, 30)) index.remove(subscription);
    index.removeFeed('/topic/x', leaver.feed);
    await delivering;

    const got = (some: typeof members) => some.map(({ outlet }) => outlet.written.length);
    expect(got(left.slice(0, 30))).toEqual(had.slice(0, 30));
    expect(got(members.filter((one) => !left.slice(0, 30).includes(one)))).toEqual(
      times(70, () => 1),
    );
    expect([leaver.taken, stayer.taken]).toEqual([[], ['/topic/x']]);
  });

  test('a feed that is removed after a pause before it is not served', async () => {
    const feeds = times(100, () => addFeed('/topic/x'));

    const delivering = fanOutWith(slowClock()).deliver(all);
    const waiting = feeds.filter(({ taken }) => taken.length === 0);
    for (const { feed } of waiting.slice(0, 10)) index.removeFeed('/topic/x', feed);
    await delivering;

    expect(waiting.map(({ taken }) => taken.length)).toEqual(
      times(waiting.length, (at) => Number(at >= 10)),
    );
  });

  test('a subscription whose outlet is exchanged gets it through the new one', async () => {
    const members = times(100, () => subscribe('/topic/x'));
    const last = members.at(-1);
    const exchanged = new TestOutlet();

    const delivering = fanOutWith(slowClock()).deliver(all);
    if (last !== undefined) last.subscription.outlet = exchanged;
    await delivering;

    expect(last?.outlet.bodies).toEqual([]);
    expect(exchanged.bodies).toEqual(['/topic/x']);
  });

  test('slow sessions are shed, and leave without harm to the others', async () => {
    const members = times(100, () => subscribe('/topic/x'));
    let sheds = 0;
    for (const { outlet, subscription } of members.slice(0, 20)) {
      outlet.bufferedBytes = 2_000 * KIB;
      outlet.onShed = () => {
        sheds += 1;
        index.remove(subscription);
      };
    }

    const delivering = fanOutWith(slowClock()).deliver(all);
    const afterFirst = sheds;
    await delivering;

    expect(afterFirst).toBe(20);
    expect(members.map(({ outlet }) => outlet.written.length)).toEqual(
      times(100, (at) => Number(at >= 20)),
    );
  });
});

test('whoever comes and goes between turns, everyone gets all batches of its time in order', async () => {
  const TOPICS = ['/topic/x', '/topic/y', '/topic/*'];
  const anyMember = fc.record({
    id: fc.constantFrom('a', 'b', 'c', null),
    topic: fc.constantFrom(...TOPICS),
  });
  const anyChange = fc.oneof(
    anyMember.map((member) => ({ type: 'comes' as const, member })),
    fc.nat(200).map((who) => ({ type: 'goes' as const, who })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyMember, { minLength: 20, maxLength: 120 }),
      fc.array(fc.array(anyChange, { maxLength: 4 }), { maxLength: 30 }),
      async (first, changes) => {
        index = new SubscriptionIndex();
        const fanOut = fanOutWith(slowClock());
        const live = first.map(({ id, topic }) => ({
          from: 0,
          to: 0,
          topic,
          ...subscribe(topic, id),
        }));
        const everyone = [...live];
        const coming = [...changes];
        for (let batch = 0; batch < 3; batch += 1) {
          const texts = ['/topic/x', '/topic/y', '/topic/x'].map((topic, at) =>
            publication(topic, `${topic} ${batch}.${at}`),
          );
          let isDone = false;
          const delivering = Promise.resolve(fanOut.deliver(texts)).then(() => (isDone = true));
          while (!isDone) {
            for (const change of coming.shift() ?? []) {
              if (change.type === 'comes') {
                const { id, topic } = change.member;
                const one = { from: batch + 1, to: 0, topic, ...subscribe(topic, id) };
                live.push(one);
                everyone.push(one);
                continue;
              }
              const [one] = live.splice(change.who % Math.max(1, live.length), 1);
              if (one === undefined) continue;
              one.to = one.outlet.bodies.length;
              index.remove(one.subscription);
            }
            await nextTurn();
          }
          await delivering;
        }

        for (const one of everyone) {
          const subscribers = one.topic === '/topic/*' ? ['/topic/x', '/topic/y'] : [one.topic];
          const due = [0, 1, 2].slice(one.from).flatMap((batch) =>
            subscribers.flatMap((place) => {
              return place === '/topic/x'
                ? [`${place} ${batch}.0`, `${place} ${batch}.2`]
                : [`${place} ${batch}.1`];
            }),
          );
          expect(one.outlet.bodies).toEqual(live.includes(one) ? due : due.slice(0, one.to));
        }
      },
    ),
    { numRuns: 100 },
  );
});
