import type { Membership, MembershipChange, Person } from '../../broker/chat/membership.ts';
import { type MembershipOptions, MemoryMembership } from '../../broker/chat/memory-membership.ts';
import type { FactChange } from '../../broker/engine/engine.ts';
import { FactTable } from '../../broker/engine/facts.ts';
import { FakeClock } from './fake-clock.ts';

const GRACE_MS = 10_000;
const RESTART_GRACE_MS = 60_000;
export const MEMBERSHIPS_MAX = 3;

export type CreateMembership = (options: MembershipOptions) => Membership;

interface Given {
  readonly create?: CreateMembership;
  readonly facts?: FactTable;
}

/** Somebody in room 7. */
export function personOf(name: string): Person {
  return { roomId: '7', name };
}

/** A membership on a clock that stands still; a test commits and refuses. */
export function membershipScene({
  create = (options) => new MemoryMembership(options),
  facts = new FactTable(),
}: Given = {}) {
  const clock = new FakeClock();
  const membership = create({
    clock,
    facts: () => facts,
    graceMs: GRACE_MS,
    membershipsPerSessionMax: MEMBERSHIPS_MAX,
    restartGraceMs: RESTART_GRACE_MS,
  });
  const events: string[] = [];
  const store = { accepts: true };
  const apply = (changes: readonly FactChange[]) => {
    for (const [fact, value] of changes) facts.set(fact, value);
  };
  membership.listen({
    appeared: ({ name }, people) => events.push(`${name} appeared, ${people} there`),
    gone: ({ name }, people) => events.push(`${name} gone, ${people} there`),
    expired: ({ name }, changes) => {
      events.push(`${name} expired`);
      if (store.accepts) apply(changes);
      return Promise.resolve(store.accepts);
    },
  });
  /** What the engine and the session do with a change that is accepted. */
  const commit = (change: MembershipChange) => {
    apply(change.facts);
    change.commit();
  };
  const leave = async (sessionId: string, name: string) => {
    commit(await membership.leave(sessionId, personOf(name)));
  };
  /** Gives whether it is news; `null`: it was refused. */
  const enter = async (sessionId: string, name: string) => {
    const entering = await membership.enter(sessionId, personOf(name));
    if (entering === null) return null;
    commit(entering);
    return entering.isNews;
  };
  return {
    clock,
    commit,
    count: async () => membership.countOf('7'),
    enter,
    events,
    facts,
    graceMs: GRACE_MS,
    leave,
    membership,
    restartGraceMs: RESTART_GRACE_MS,
    /** Who would be there after a restart now. */
    saved: async () => {
      const next = membershipScene({ create, facts: new FactTable(facts.all('')) });
      return (await next.membership.restore()).map(({ name }) => name);
    },
    store,
  };
}
