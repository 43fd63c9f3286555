import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MembershipChange } from '../../broker/chat/membership.ts';
import {
  type CreateMembership,
  MEMBERSHIPS_MAX,
  membershipScene,
  personOf,
} from '../support/membership-scene.ts';
import { turns } from '../support/turns.ts';

/** What every membership must do. It keeps its people in the facts that it is given. */
export function membershipContract(name: string, create: CreateMembership): void {
  const scene = () => membershipScene({ create });
  describe(name, () => {
    peopleAreCounted(scene);
    changesWaitForTheirCommit(scene);
    lostSessionsHaveAGrace(scene);
    restartsForgetNobody(scene);
  });
}

type Scene = () => ReturnType<typeof membershipScene>;

function peopleAreCounted(scene: Scene): void {
  describe('a person', () => {
    test('is counted from the first ENTER to the last LEAVE, however many sessions', async () => {
      const { count, enter, events, leave } = scene();

      await enter('s1', 'Kim');
      await enter('s2', ' Kim ');
      await enter('s3', 'Lee');
      await leave('s1', 'Kim');
      expect(await count()).toBe(2);
      await leave('s2', 'Kim');

      expect(events).toEqual([
        'Kim appeared, 1 there',
        'Lee appeared, 2 there',
        'Kim gone, 1 there',
      ]);
    });

    test('is not touched by the LEAVE of a session that has not entered', async () => {
      const { count, enter, membership } = scene();
      await enter('s1', 'Kim');

      const change = await membership.leave('s2', personOf('Kim'));
      change.commit();

      expect(change.facts).toEqual([]);
      expect(await count()).toBe(1);
    });

    test('is news unless the room counts them and nothing on its way ends that', async () => {
      const { clock, enter, graceMs, membership } = scene();
      const asks = async () => {
        const entering = await membership.enter('asker', personOf('Kim'));
        entering?.cancel();
        return entering?.isNews;
      };

      expect(await enter('s1', 'Kim')).toBe(true);
      expect(await asks()).toBe(false);
      const leaving = await membership.leave('s1', personOf('Kim'));
      expect(await asks()).toBe(true);
      leaving.cancel();
      expect(await asks()).toBe(false);
      await membership.drop('s1');
      expect(await asks()).toBe(false);
      clock.advance(graceMs);
      expect(await asks()).toBe(true);
    });
  });
}

function changesWaitForTheirCommit(scene: Scene): void {
  describe('a change', () => {
    test('has no effect before its commit, and none when it is cancelled', async () => {
      const { count, events, membership, saved } = scene();

      const entering = await membership.enter('s1', personOf('Kim'));
      expect(await count()).toBe(0);
      entering?.cancel();

      expect(await count()).toBe(0);
      expect(events).toEqual([]);
      expect(await saved()).toEqual([]);
    });

    test('that would be one membership too many is refused, those on their way included', async () => {
      const { commit, enter, membership } = scene();
      const names = ['a', 'b', 'c', 'd'].slice(0, MEMBERSHIPS_MAX + 1);

      const changes = [];
      for (const name of names) changes.push(await membership.enter('s1', personOf(name)));
      expect(changes.map((change) => change !== null)).toEqual([true, true, true, false]);
      expect(await enter('s2', 'd')).toBe(true);

      changes[0]?.cancel();
      expect(await enter('s1', 'd')).toBe(false);
      for (const change of changes.slice(1, MEMBERSHIPS_MAX)) if (change !== null) commit(change);
      expect(await enter('s1', 'b')).toBe(false);
      expect(await enter('s1', 'e')).toBeNull();
    });

    test('leaves the facts right whichever of two sessions is committed first', async () => {
      for (const first of [0, 1]) {
        const { commit, count, enter, membership, saved } = scene();
        await enter('s1', 'Kim');

        const leaving = await membership.leave('s1', personOf('Kim'));
        const entering = await membership.enter('s2', personOf('Kim'));
        const changes: (MembershipChange | null)[] = [leaving, entering];
        if (first === 1) changes.reverse();
        for (const change of changes) if (change !== null) commit(change);

        expect(await count()).toBe(1);
        expect(await saved()).toEqual(['Kim']);
      }
    });
  });
}

function lostSessionsHaveAGrace(scene: Scene): void {
  describe('a person whose last session was lost', () => {
    test('stays for the grace period, then is gone with their facts', async () => {
      const { clock, count, enter, events, graceMs, membership, saved } = scene();
      await enter('s1', 'Kim');
      await enter('s2', 'Kim');
      await membership.drop('s1');
      await membership.drop('s2');
      await membership.drop('s2');

      clock.advance(graceMs - 1);
      await turns();
      expect(await count()).toBe(1);
      expect(await saved()).toEqual(['Kim']);
      clock.advance(1);
      await turns();

      expect(await count()).toBe(0);
      expect(await saved()).toEqual([]);
      expect(events.slice(1)).toEqual(['Kim expired', 'Kim gone, 0 there']);
    });

    test('stays on if they enter again in time', async () => {
      const { clock, count, enter, events, graceMs, membership } = scene();
      await enter('s1', 'Kim');
      await membership.drop('s1');
      clock.advance(graceMs - 1);

      expect(await enter('s2', 'Kim')).toBe(false);
      clock.advance(10 * graceMs);
      await turns();

      expect(await count()).toBe(1);
      expect(events).toEqual(['Kim appeared, 1 there']);
    });

    test('stays while their LEAVE is refused, and is asked about again', async () => {
      const { clock, count, enter, events, graceMs, membership, saved, store } = scene();
      await enter('s1', 'Kim');
      await membership.drop('s1');
      store.accepts = false;

      clock.advance(graceMs);
      await turns();
      expect([await count(), await saved()]).toEqual([1, ['Kim']]);
      store.accepts = true;
      clock.advance(graceMs);
      await turns();

      expect([await count(), await saved()]).toEqual([0, []]);
      expect(events.slice(1)).toEqual(['Kim expired', 'Kim expired', 'Kim gone, 0 there']);
    });

    test('is there if they enter while their LEAVE is on its way', async () => {
      const { clock, commit, count, enter, graceMs, membership, saved } = scene();
      await enter('s1', 'Kim');
      await membership.drop('s1');

      clock.advance(graceMs);
      const entering = await membership.enter('s2', personOf('Kim'));
      if (entering !== null) commit(entering);
      await turns();

      expect(entering?.isNews).toBe(true);
      expect([await count(), await saved()]).toEqual([1, ['Kim']]);
    });

    test('has no LEAVE while their ENTER is on its way', async () => {
      const { clock, commit, count, enter, events, graceMs, membership } = scene();
      await enter('s1', 'Kim');
      await membership.drop('s1');

      const entering = await membership.enter('s2', personOf('Kim'));
      clock.advance(graceMs);
      await turns();
      if (entering !== null) commit(entering);
      clock.advance(10 * graceMs);
      await turns();

      expect(events).toEqual(['Kim appeared, 1 there']);
      expect(await count()).toBe(1);
    });

    test('is never gone after a stop', async () => {
      const { clock, enter, events, graceMs, membership, saved } = scene();
      await enter('s1', 'Kim');
      await enter('s2', 'Lee');
      await membership.drop('s1');

      membership.stop();
      await membership.drop('s2');
      clock.advance(10 * graceMs);
      await turns();

      expect(events).toHaveLength(2);
      expect(await saved()).toEqual(['Kim', 'Lee']);
    });
  });
}

function restartsForgetNobody(scene: Scene): void {
  describe('a restart', () => {
    test('counts the same people, each once, and tells nobody', async () => {
      const before = scene();
      await before.enter('s1', 'Kim');
      await before.enter('s2', 'Kim');
      await before.enter('s1', 'Lee');

      const next = scene();
      for (const [fact, value] of before.facts.all('')) next.facts.set(fact, value);
      const restored = await next.membership.restore();

      expect(restored).toEqual([personOf('Kim'), personOf('Lee')]);
      expect(await next.count()).toBe(2);
      expect(next.events).toEqual([]);
    });

    test('gives them a grace period of its own, and forgets who does not come back', async () => {
      const before = scene();
      await before.enter('s1', 'Kim');
      await before.enter('s2', 'Lee');
      const { clock, count, enter, facts, leave, membership, restartGraceMs, saved } = scene();
      for (const [fact, value] of before.facts.all('')) facts.set(fact, value);
      await membership.restore();

      clock.advance(restartGraceMs - 1);
      expect(await enter('s3', 'Kim')).toBe(false);
      clock.advance(1);
      await turns();
      expect([await count(), await saved()]).toEqual([1, ['Kim']]);
      await leave('s3', 'Kim');

      expect(facts.all('')).toEqual([]);
    });

    test('finds exactly those who were counted, whatever happened before it', async () => {
      const session = fc.constantFrom('s1', 's2', 's3');
      const change = fc.record({
        type: fc.constantFrom('ENTER', 'LEAVE'),
        session,
        name: fc.constantFrom('Kim', 'Lee'),
      });
      // Settles the oldest change of a session: the sessions overtake each other.
      const settle = fc.record({
        type: fc.constantFrom('commit', 'commit', 'cancel'),
        session,
        name: fc.constant(''),
      });
      const other = fc.record({
        type: fc.constantFrom('drop', 'wait'),
        session,
        name: fc.constant(''),
      });
      const step = fc.oneof(
        { arbitrary: change, weight: 3 },
        { arbitrary: settle, weight: 4 },
        { arbitrary: other, weight: 1 },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { clock, commit, count, graceMs, membership, saved } = scene();
          const pending = new Map<string, MembershipChange[]>();
          const take = (of: string) => pending.get(of)?.shift();
          for (const { type, session: of, name } of steps) {
            const waiting = pending.get(of) ?? [];
            pending.set(of, waiting);
            if (type === 'ENTER' || type === 'LEAVE') {
              const made =
                type === 'ENTER'
                  ? await membership.enter(of, personOf(name))
                  : await membership.leave(of, personOf(name));
              if (made !== null) waiting.push(made);
            } else if (type === 'wait') {
              clock.advance(graceMs);
              await turns(1);
            } else if (type === 'drop') {
              for (let made = take(of); made !== undefined; made = take(of)) commit(made);
              await membership.drop(of);
            } else {
              const made = take(of);
              if (type === 'cancel') made?.cancel();
              else if (made !== undefined) commit(made);
            }
            expect((await saved()).length).toBe(await count());
          }
        }),
        { numRuns: 60 },
      );
    });
  });
}
