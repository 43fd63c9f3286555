import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MemoryPresence, PresenceOptions } from '../../broker/chat/memory-presence.ts';
import type { Presence } from '../../broker/chat/presence.ts';
import { personKey } from '../../shared/names.ts';
import { afterPresence, type PresenceChange, type PresenceState } from '../../shared/presence.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { personOf } from '../support/membership-scene.ts';
import { turns } from '../support/turns.ts';

const GATHER_MS = 250;

export type CreatePresence = (options: ConstructorParameters<typeof MemoryPresence>[0]) => Presence;

/** What every presence must do. */
export function presenceContract(name: string, create: CreatePresence): void {
  function scene(options: Partial<PresenceOptions> = {}) {
    const clock = new FakeClock();
    const presence = create({ clock, gatherMs: GATHER_MS, namesMax: 100, ...options });
    const changes: PresenceChange[] = [];
    presence.listen((change) => changes.push(change));
    const gather = async () => {
      clock.advance(GATHER_MS);
      await turns();
    };
    const state = async (): Promise<PresenceState> =>
      JSON.parse((await presence.encodedState('7')).toString());
    return { changes, gather, presence, state };
  }

  describe(name, () => {
    test('has an empty state of version 0 where nobody ever was', async () => {
      const { state } = scene();

      const empty = { type: 'STATE', roomId: '7', version: 0, count: 0, people: [] };
      expect(await state()).toEqual(empty);
    });

    test('publishes those who come within a while as one change, then has them in the state', async () => {
      const { changes, gather, presence, state } = scene();

      for (const person of ['Kim', 'Lee']) await presence.joined(personOf(person));
      expect(changes).toEqual([]);
      await gather();

      const [change] = changes;
      expect(changes).toEqual([
        { type: 'CHANGE', roomId: '7', version: 1, count: 2, joined: ['Kim', 'Lee'], left: [] },
      ]);
      expect(await state()).toMatchObject({ version: change?.version, people: ['Kim', 'Lee'] });
    });

    test('publishes nothing of a person who comes and goes within a while', async () => {
      const { changes, gather, presence } = scene();

      await presence.joined(personOf('Kim'));
      await presence.left(personOf('Kim'));
      await gather();

      expect(changes).toEqual([]);
    });

    test('has people of before a restart in the state, and publishes no change', async () => {
      const { changes, gather, presence, state } = scene();

      await presence.restore(personOf('Kim'));
      await gather();

      expect(await state()).toMatchObject({ count: 1, people: ['Kim'] });
      expect(changes).toEqual([]);
    });

    test('says who left under the spelling that was published', async () => {
      const { changes, gather, presence } = scene();
      await presence.joined(personOf('Kim'));
      await gather();

      await presence.left(personOf(' Kim '));
      await gather();

      expect(changes[1]).toMatchObject({ count: 0, left: ['Kim'] });
    });

    test('counts versions on when the room was empty in between', async () => {
      const { changes, gather, presence } = scene();

      for (let time = 0; time < 2; time += 1) {
        await presence.joined(personOf('Kim'));
        await gather();
        await presence.left(personOf('Kim'));
        await gather();
      }

      expect(changes.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    });

    test('names some of many people, and counts all', async () => {
      const { changes, gather, presence, state } = scene({ namesMax: 2 });

      for (const person of ['a', 'b', 'c']) await presence.joined(personOf(person));
      await gather();

      expect(changes).toMatchObject([{ count: 3, joined: ['a', 'b'] }]);
      expect(await state()).toMatchObject({ count: 3, people: ['a', 'b'] });
    });

    test('publishes nothing after a stop', async () => {
      const { changes, gather, presence } = scene();
      await presence.joined(personOf('Kim'));

      presence.stop();
      await presence.joined(personOf('Lee'));
      await gather();

      expect(changes).toEqual([]);
    });

    test('is right for whoever applies the changes to a state, whenever they asked for it', async () => {
      const names = ['Kim', 'Lee', 'Park'];
      const step = fc.constantFrom('gather', 'ask', ...names);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const { changes, gather, presence, state } = scene();
          const there = new Set<string>();
          const seen: { state: PresenceState; from: number }[] = [];
          for (const one of steps) {
            if (one === 'gather') await gather();
            else if (one === 'ask') seen.push({ from: changes.length, state: await state() });
            else if (there.delete(one)) await presence.left(personOf(one));
            else {
              there.add(one);
              await presence.joined(personOf(one));
            }
          }
          await gather();

          for (const { from, state: asked } of seen) {
            const now = changes.slice(from).reduce<PresenceState | null>(afterPresence, asked);
            expect(new Set(now?.people.map(personKey))).toEqual(there);
            expect(now?.count).toBe(there.size);
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}
