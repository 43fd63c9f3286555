import {
  type AppendOutcome,
  appendRefused,
  type Engine,
  type Entry,
  type FactChange,
} from '../../broker/engine/engine.ts';
import { FactTable } from '../../broker/engine/facts.ts';
import { octetsOf } from '../../shared/octets.ts';
import { turns } from './turns.ts';

/** An engine whose commits a test lets happen. */
export function slowEngine() {
  const waiting: {
    readonly entries: readonly Entry[];
    readonly facts: readonly FactChange[];
    readonly settle: (outcome: AppendOutcome) => void;
  }[] = [];
  let settled = () => {};
  const engine: Engine = {
    bytes: 0,
    ends: () => null,
    follow: () => null,
    unfollow: () => undefined,
    epoch: 'slow',
    facts: new FactTable(),
    get pending() {
      return waiting.length;
    },
    get pendingBytes() {
      const messages = waiting.flatMap(({ entries }) => entries.map(({ message }) => message));
      return messages.reduce((sum, message) => sum + octetsOf(message), 0);
    },
    state: 'accepting',
    start: (_deliver, host) => {
      settled = () => host?.settled();
      return Promise.resolve();
    },
    append: (entries, { facts = [] } = {}) =>
      new Promise((settle) => waiting.push({ entries, facts, settle })),
    resolve: () => 'known',
    history: () => Promise.resolve({ publications: [], oldest: 1, head: 0 }),
    stop: () => Promise.resolve(),
  };
  const commit = async (count = 1) => {
    for (const { entries, settle } of waiting.splice(0, count)) {
      settle({
        type: 'appended',
        entries: entries.map(() => ({ type: 'committed', offset: null })),
      });
    }
    settled();
    await turns();
  };
  const refuse = async () => {
    for (const { settle } of waiting.splice(0)) settle(appendRefused('STORE_FAILED'));
    settled();
    await turns();
  };
  return { commit, engine, refuse, waiting };
}
