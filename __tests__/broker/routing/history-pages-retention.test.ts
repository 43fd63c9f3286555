// Cached pages, in rooms whose retention removes messages meanwhile.

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Ends } from '../../../broker/engine/engine.ts';
import { keptRoom, positions, ROOM, told, type When } from '../../support/kept-room.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';

const KIB = 1_024;
describe('a page that others got', () => {
  test('is not for those who subscribe when some of it is no longer kept', async () => {
    const { join, say } = keptRoom({ historyCount: 5 });
    say(5);
    await turns();
    const early = join('first');
    await turns(10);
    say(2);
    await turns();

    const [first, promised, last] = [join('first'), join('offset=1'), join('last=7')];
    await turns(20);

    expect(told(early)).toEqual(['RECEIPT true', ...positions(1, 7)]);
    expect(told(first)).toEqual(['RECEIPT true', ...positions(3, 7)]);
    expect(told(promised)).toEqual(['RECEIPT false', ...positions(3, 7)]);
    expect(told(last)).toEqual(['RECEIPT true', ...positions(3, 7)]);
  });

  test('is not for those who ask for another life of the store', async () => {
    const { join, say } = keptRoom();
    say(5);
    await turns();
    join('first');
    await turns(10);

    const client = join('offset=1', { 'x-stream-epoch': 'another' });
    await turns(10);

    expect(told(client)).toEqual(['RECEIPT false']);
  });

  test('is no longer for those to whom it was promised before it was no longer kept', async () => {
    const { join, say } = keptRoom({ historyCount: 5 });
    say(5);
    await turns();
    join('first');
    await turns(10);

    say(2);
    const client = join('offset=1');
    await turns(10);

    expect(told(client)).toEqual(['RECEIPT true', 'ERROR HISTORY_LOST']);
    expect(client.closedWith?.reason).toBe('HISTORY_LOST');
  });

  test('is not for those to whom nothing was promised, once it is no longer kept', async () => {
    const { join, say } = keptRoom({ historyCount: 5 });
    say(2);
    await turns();
    join('first');
    await turns(10);
    say(3);
    await turns();

    say(3);
    const client = join('first');
    await turns(10);

    expect(told(client)).toEqual(['RECEIPT true', ...positions(4, 8)]);
  });

  test('costs the engine nothing more', async () => {
    const { asked, join, say } = keptRoom();
    say(200);
    await turns();
    const early = join('first');
    await turns(10);
    expect(asked()).toBe(4);

    const late = Array.from({ length: 20 }, () => join('first'));
    await turns(100);

    for (const client of [early, ...late]) {
      expect(told(client)).toEqual(['RECEIPT true', ...positions(1, 200)]);
    }
    expect(asked()).toBe(4);
  });

  test('is not written whole to a socket that has no room for all of it', async () => {
    const { join, say } = keptRoom({ takeBytes: 128 * KIB });
    say(64, KIB);
    await turns();
    join('first');
    await turns(10);

    const client = join('first');
    client.isStuck = true;
    client.bufferedBytes = 120 * KIB;
    await turns(10);

    expect(client.bufferedBytes).toBeLessThan(130 * KIB);
    const got = told(client);
    client.isStuck = false;
    client.drain();
    await turns(10);
    expect(got.length).toBeGreaterThan(1);
    expect([...got, ...told(client)]).toEqual(['RECEIPT true', ...positions(1, 64)]);
  });

  test('goes on to others when the one who had it read goes', async () => {
    const { join, say } = keptRoom();
    say(200);
    await turns();
    const [unsubscribed, lost, stays] = [join('first'), join('first'), join('first')];
    await turns(3);

    unsubscribed.frame('UNSUBSCRIBE', { id: 's' });
    lost.lose();
    const before = [told(unsubscribed), told(lost)].map(({ length }) => length);
    await turns(20);

    expect(before).toEqual([65, 65]);
    expect([...told(unsubscribed), ...told(lost)]).toEqual([]);
    expect(told(stays)).toEqual(['RECEIPT true', ...positions(1, 200)]);
  });
});

type Step =
  | { readonly type: 'say'; readonly count: number; readonly length: number }
  | { readonly type: 'join'; readonly isSlow: boolean; readonly start: string }
  | { readonly type: 'drain' | 'leave'; readonly who: number }
  | { readonly type: 'turn'; readonly count: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('say'),
      count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 80 })),
      length: fc.constantFrom(0, 0, 0, 3 * KIB, 30 * KIB),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('join'),
      isSlow: fc.boolean(),
      start: fc.constantFrom(
        'first',
        'first',
        'last=3',
        'last=70',
        'next',
        'offset=1',
        'offset=60',
      ),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom('drain', 'drain', 'leave'), who: fc.nat(5) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('turn'), count: fc.constantFrom(1, 1, 1, 10) }),
  },
);

/** A reader, with the RECEIPT that it is to get. */
interface Reader {
  readonly client: MemoryTransport;
  readonly from: number;
  readonly isPromised: boolean;
  readonly isRecovered: boolean;
  /** The number of packets that it had got when it left; `null`: it did not leave. */
  leftAt: number | null;
}

describe('a room that keeps little, however it is read,', () => {
  /** PROTOCOL.md, "Positions". */
  function expectedOf(start: string, { head, oldest }: Ends) {
    const [form = '', number] = start.split('=');
    if (form === 'next') return { from: head + 1, isPromised: true, isRecovered: true };
    const count = Number(number ?? head);
    if (form !== 'offset') {
      return { from: Math.max(oldest, head - count + 1), isPromised: false, isRecovered: true };
    }
    if (count > head + 1) return { from: head + 1, isPromised: true, isRecovered: false };
    const isRecovered = count >= oldest;
    return { from: Math.max(oldest, count), isPromised: isRecovered, isRecovered };
  }

  /** Positions are in order, without gaps or duplicates, and reach the end or a HISTORY_LOST. */
  function check({ client, from, isPromised, isRecovered, leftAt }: Reader, head: number): void {
    const [receipt, ...rest] = told(client);
    expect(receipt).toBe(`RECEIPT ${isRecovered}`);
    const isLost = rest.at(-1) === 'ERROR HISTORY_LOST';
    const got = isLost ? rest.slice(0, -1) : rest;
    const first = Number(got[0] ?? from);
    expect(got).toEqual(positions(first, first + got.length - 1));
    if (isPromised) expect(first).toBe(from);
    else expect(first).toBeGreaterThanOrEqual(from);
    expect(client.closedWith?.reason).toBe(isLost ? 'HISTORY_LOST' : undefined);
    if (leftAt !== null) expect(client.packetsOut).toBe(leftAt);
    else if (!isLost && from <= head) expect(got.at(-1)).toBe(`${head}`);
  }

  test.each<When>(['at once', 'a turn late', 'before it is delivered'])(
    'skips nothing in silence, with a history that tells %s',
    async (tells) => {
      const steps = fc.array(anyStep, { maxLength: 30 });
      const counts = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 150 }));
      const bytes = fc.constantFrom(0, 20 * KIB, KIB * KIB);
      await fc.assert(
        fc.asyncProperty(steps, counts, bytes, async (taken, historyCount, pagesBytes) => {
          // Readers are slow by their start only; other slow readers have tests of their own.
          const unsentBytesMax = KIB * KIB * KIB;
          const settings = { historyCount, pagesBytes, takeBytes: 64 * KIB, unsentBytesMax };
          const { engine, join, said, say } = keptRoom(settings, tells);
          const readers: Reader[] = [];
          const joinAt = (start: string, isStuck: boolean) => {
            const expected = expectedOf(start, engine.ends(ROOM) ?? { head: 0, oldest: 1 });
            const reader: Reader = { client: join(start), ...expected, leftAt: null };
            reader.client.isStuck = isStuck;
            readers.push(reader);
            return reader;
          };
          const leave = (reader: Reader | undefined) => {
            if (reader?.leftAt !== null || reader.client.closedWith !== null) return;
            reader.client.frame('UNSUBSCRIBE', { id: 's' });
            reader.leftAt = reader.client.packetsOut;
          };
          const settle = async () => {
            for (const { client } of readers) client.isStuck = false;
            for (let round = 0; round < 8; round += 1) {
              for (const { client } of readers) client.drain();
              await turns(40);
            }
          };
          const take = async (step: Step) => {
            if (step.type === 'say') say(step.count, step.length);
            if (step.type === 'turn') await turns(step.count);
            if (step.type === 'join') joinAt(step.start, step.isSlow);
            if (step.type === 'drain') readers[step.who]?.client.drain();
            if (step.type === 'leave') leave(readers[step.who]);
          };

          for (const step of taken) await take(step);
          await settle();
          // Readers join and leave while messages are published in each turn.
          for (let stay = 0; stay < 6; stay += 1) {
            say(1);
            joinAt('first', false);
            const leaver = joinAt('last=1', false);
            for (let turn = 0; turn < stay; turn += 1) {
              say(1);
              await turns(1);
            }
            leave(leaver);
          }
          await settle();
          // By now the readers that are left have caught up, and share the bytes of the others.
          leave(readers.at(-2));
          say(2);
          await settle();

          for (const reader of readers) check(reader, said());
        }),
        { numRuns: 40 },
      );
    },
  );
});
