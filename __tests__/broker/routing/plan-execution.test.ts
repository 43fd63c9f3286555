import { describe, expect, test } from '@jest/globals';
import {
  type AppendOptions,
  type AppendOutcome,
  appendRefused,
  type Entry,
} from '../../../broker/engine/engine.ts';
import { execute, isImmediate, takeEffect } from '../../../broker/routing/plan-execution.ts';
import { accepted, giveUp, mergePlans } from '../../../broker/routing/plans.ts';

const ENTRY: Entry = { destination: '/topic/x', message: { headers: [], body: Buffer.from('x') } };
const APPENDED: AppendOutcome = {
  type: 'appended',
  entries: [{ type: 'committed', offset: null }],
};

/** An engine that settles when it is told to, and what it was given. */
function heldEngine() {
  const given: [readonly Entry[], AppendOptions | undefined][] = [];
  let settle: (outcome: AppendOutcome) => void = () => undefined;
  const append = (entries: readonly Entry[], options?: AppendOptions) => {
    given.push([entries, options]);
    return new Promise<AppendOutcome>((resolve) => {
      settle = resolve;
    });
  };
  return { engine: { append }, given, settle: (outcome: AppendOutcome) => settle(outcome) };
}

/** A plan whose parts say in `told` when they are done. */
function tellingPlan(told: string[], name = '', entries: readonly Entry[] = [ENTRY]) {
  const tell = (what: string) => () => void told.push(`${name}${what}`);
  return accepted({
    cancelled: [tell('cancelled')],
    committed: [tell('committed')],
    entries,
    facts: entries.length > 0 ? [[`${name}fact`, '1']] : [],
    puts: [{ put: tell('put'), cancel: tell('given back') }],
  });
}

const noError = (error: unknown) => {
  throw error;
};

describe('a plan', () => {
  test('takes effect after its commit, and then its outcome is told', async () => {
    const told: string[] = [];
    const { engine, given, settle } = heldEngine();

    const executed = execute(tellingPlan(told), { engine, onError: noError, source: 'ada' }).then(
      ({ type }) => told.push(type),
    );
    expect(told).toEqual([]);
    settle(APPENDED);
    await executed;

    expect(told).toEqual(['put', 'committed', 'appended']);
    expect(given).toEqual([[[ENTRY], { facts: [['fact', '1']], source: 'ada' }]]);
  });

  test('gives back what it holds if it is refused', async () => {
    const told: string[] = [];
    const { engine, settle } = heldEngine();

    const executed = execute(tellingPlan(told), { engine, onError: noError });
    settle(appendRefused('STORE_FULL'));

    expect(await executed).toEqual(appendRefused('STORE_FULL'));
    expect(told).toEqual(['given back', 'cancelled']);
  });

  test('goes on with its other actions when one of them throws', async () => {
    const told: string[] = [];
    const errors: unknown[] = [];
    const bug = new Error('a bug of a handler');
    const throws = () => {
      throw bug;
    };
    const plan = mergePlans([accepted({ committed: [throws] }), tellingPlan(told)]);
    const { engine, settle } = heldEngine();

    const executed = execute(plan, { engine, onError: (error) => errors.push(error) });
    settle(APPENDED);
    await executed;

    expect(errors).toEqual([bug]);
    expect(told).toEqual(['put', 'committed']);
  });

  test('waits for no commit where nothing is appended', () => {
    const told: string[] = [];
    const plan = tellingPlan(told, '', []);

    expect(isImmediate(plan)).toBe(true);
    expect(isImmediate(accepted({ facts: [['fact', null]] }))).toBe(false);
    expect(isImmediate(accepted({ entries: [ENTRY] }))).toBe(false);
    takeEffect(plan, { onError: noError });

    expect(told).toEqual(['put', 'committed']);
  });
});

describe('plans of several frames', () => {
  test('are one append, and take effect in the order of the frames', async () => {
    const told: string[] = [];
    const { engine, given, settle } = heldEngine();
    const plan = mergePlans([tellingPlan(told, 'first '), tellingPlan(told, 'second ')]);

    const executed = execute(plan, { engine, onError: noError });
    settle(APPENDED);
    await executed;

    expect(given).toHaveLength(1);
    expect(given[0]?.[1]?.facts).toEqual([
      ['first fact', '1'],
      ['second fact', '1'],
    ]);
    expect(told).toEqual(['first put', 'second put', 'first committed', 'second committed']);
  });

  test('are given up together', () => {
    const told: string[] = [];

    giveUp([tellingPlan(told, 'first '), tellingPlan(told, 'second ')]);

    const expected = ['first given back', 'first cancelled', 'second given back'];
    expect(told).toEqual([...expected, 'second cancelled']);
  });
});
